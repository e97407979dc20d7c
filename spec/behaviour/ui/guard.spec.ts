import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { UiOptions } from '../../../lib/index.ts'
import { openCache } from '../../support/cache.ts'

interface Told {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** The page's server, asked by a client that may say of itself what it likes. */
async function open(options?: UiOptions): Promise<{
  readonly url: URL
  readonly token: string
  readonly ask: (asked: Asked) => Promise<Told>
}> {
  const ui = await openCache().ui(options)
  const url = new URL(ui.url)
  const token = url.hash.slice(1)
  const ask = async ({ path = '/api/stats', method = 'GET', headers = {}, body }: Asked): Promise<Told> => {
    const outgoing = request({ host: '127.0.0.1', port: url.port, path, method, headers })
    outgoing.end(body)
    const [response]: IncomingMessage[] = await once(outgoing, 'response')
    return {
      status: response?.statusCode,
      headers: response?.headers ?? {},
      body: response ? await text(response) : '',
    }
  }
  return { url, token, ask }
}

describe('the page’s server', () => {
  test('is on 127.0.0.1, with a token of its own in the fragment', async () => {
    const [one, other] = [await open(), await open()]
    expect(one.url.hostname).toBe('127.0.0.1')
    expect(one.token).toMatch(/^[\w-]{43}$/)
    expect(one.token).not.toBe(other.token)
    expect((await other.ask({ headers: { authorization: `Bearer ${one.token}` } })).status).toBe(401)
  })

  test.for<[name: string, headers: (origin: URL) => Record<string, string>, status: number]>([
    ['nothing but the token', () => ({}), 200],
    ['its own origin', ({ origin }) => ({ origin, 'sec-fetch-site': 'same-origin' }), 200],
    ['localhost', ({ port }) => ({ host: `localhost:${port}` }), 200],
    ['a forwarded port', () => ({ host: '127.0.0.1:9000', origin: 'http://127.0.0.1:9000' }), 200],
    ['another host (DNS rebinding)', ({ port }) => ({ host: `evil.example:${port}` }), 403],
    ['a host that only begins so', () => ({ host: '127.0.0.1.evil.example' }), 403],
    ['another origin', () => ({ origin: 'https://evil.example' }), 403],
    ['another port of this machine', () => ({ origin: 'http://127.0.0.1:1' }), 403],
    ['an opaque origin', () => ({ origin: 'null' }), 403],
    ['another site', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['another site of this machine', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['another token', () => ({ authorization: 'Bearer x' }), 401],
    ['no token', () => ({ authorization: '' }), 401],
    ['the token as a cookie', () => ({ authorization: '', cookie: 'token=x' }), 401],
  ])('answers a request with %s by its rule', async ([, headers, status]) => {
    const { ask, url, token } = await open()
    const answer = await ask({ headers: { authorization: `Bearer ${token}`, ...headers(url) } })
    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.body).not.toContain('hits')
  })

  test('a link in another page opens the page, and nothing that it shows', async () => {
    const { ask } = await open()
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask({ path: '/', headers: followed })).status).toBe(200)
    expect((await ask({ path: '/api/stats', headers: followed })).status).toBe(401)
    expect((await ask({ path: '/', headers: { ...followed, 'sec-fetch-dest': 'iframe' } })).status).toBe(403)
    expect((await ask({ path: '/page.js', headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  })

  test.for([
    'http://evil.example/api/stats',
    'http://127.0.0.1:1@evil.example/',
    '/api/stats?token=x',
    '/api/live',
    '/api/entries?sort=__proto__',
  ])('%s needs the token too', async (path) => {
    const { ask } = await open()
    const { status, body } = await ask({ path, headers: { 'sec-fetch-site': 'same-origin' } })
    expect([401, 403, 404]).toContain(status)
    expect(body).not.toContain('hits')
  })

  test('a preflight of another page is answered without permission, also of a private network', async () => {
    const { ask } = await open()
    const preflight = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
      'access-control-request-private-network': 'true',
    }
    const { status, headers } = await ask({ method: 'OPTIONS', headers: preflight })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test.for<[name: string, body: string]>([
    ['no JSON', '{"all":tru'],
    ['a list', '["all"]'],
    ['more than 64 kB', `{"all":true,"x":"${'x'.repeat(70_000)}"}`],
  ])('a body that is %s clears nothing', async ([, body]) => {
    const { ask, token } = await open({ allowClear: true })
    const headers = { authorization: `Bearer ${token}` }
    expect((await ask({ path: '/api/clear', method: 'POST', headers, body })).status).toBe(400)
  })

  test.for(['/', '/page.js', '/page.css', '/entries', '/api/stats', '/nothing'])(
    '%s may not be kept, framed or sent on',
    async (path) => {
      const { ask } = await open()
      const { headers } = await ask({ path })
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      })
      const policy = headers['content-security-policy']
      for (const part of ["default-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
        expect(policy).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(headers['set-cookie']).toBeUndefined()
    },
  )

  test.for(['/../package.json', '/page/main.ts', '/%2e%2e/cache.ts', '//evil.example/'])(
    '%s is no file of the page',
    async (path) => {
      const { ask } = await open()
      expect((await ask({ path })).status).toBeGreaterThanOrEqual(403)
    },
  )

  test('clears nothing unless it was opened so', async () => {
    const clear = { path: '/api/clear', method: 'POST', body: '{"all":true}' }
    const closed = await open()
    expect((await closed.ask({ ...clear, headers: { authorization: `Bearer ${closed.token}` } })).status).toBe(403)
    const opened = await open({ allowClear: true })
    const headers = { authorization: `Bearer ${opened.token}` }
    expect((await opened.ask({ ...clear, headers })).body).toBe('{"cleared":0}')
    expect((await opened.ask({ ...clear, headers, body: '{}' })).status).toBe(400)
    expect((await opened.ask({ path: clear.path, headers })).status).toBe(404)
  })

  test('a wrong option is a TypeError, a port that is taken an error', async () => {
    const cache = openCache()
    await expect(cache.ui({ port: -1 })).rejects.toThrow(TypeError)
    const slip: object = { allowclear: true }
    await expect(cache.ui(slip)).rejects.toThrow(/allowClear/)
    const { url } = await open()
    await expect(cache.ui({ port: Number(url.port) })).rejects.toThrow(/EADDRINUSE/)
  })

  test('ends with the cache, and by itself', async () => {
    const cache = openCache()
    const [one, other] = [await cache.ui(), await cache.ui()]
    await one.close()
    await one.close()
    await expect(fetch(one.url)).rejects.toThrow()
    expect((await fetch(other.url)).status).toBe(200)
    const late = expect(cache.ui()).rejects.toThrow('the cache is closed')
    await cache.close()
    await expect(fetch(other.url)).rejects.toThrow()
    await late
    await expect(cache.ui()).rejects.toThrow('the cache is closed')
  })
})
