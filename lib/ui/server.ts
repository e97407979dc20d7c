import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { checkMembers, isBoolean, isInteger } from '../base/check.ts'
import { isObject, parseJson } from '../base/json.ts'
import { type Asset, readAssets } from './assets.ts'
import { HEADERS, isAuthorized, isOwn } from './guard.ts'
import { LiveFeed } from './live-feed.ts'
import type { PageSource } from './page-source.ts'
import { type PageAnswer, Routes } from './routes.ts'

/** Options of `cache.ui`. */
export interface UiOptions {
  /** Port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number
  /** Whether the page may delete entries. Default `false`. */
  readonly allowClear?: boolean
}

/** A page that can be opened. */
export interface Ui {
  /** Address with a token in its fragment, which browsers never send. Whoever has it can see what the page shows. */
  readonly url: string
  /** Closes the page's server and its connections. */
  close(): Promise<void>
}

/**
 * Checks the options of the page.
 *
 * @throws TypeError naming the option, what was expected and what came.
 */
export function checkUiOptions(options: UiOptions): void {
  checkMembers(options, { port: isInteger({ min: 0, max: 65_535 }), allowClear: isBoolean }, 'options')
}

/** Serves the page of one cache, on 127.0.0.1 only. Keeps the process running until it is closed. */
export async function serveUi(source: PageSource, { port = 0, allowClear = false }: UiOptions): Promise<Ui> {
  const page = new Page(source, allowClear, await readAssets())
  const server = createServer((request, response) => void page.handle(request, response))
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    page.close()
    throw error
  }
  return { url: `http://127.0.0.1:${portOf(server)}/#${page.token}`, close: () => close(server, page) }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(server: Server, page: Page): Promise<void> {
  page.close()
  server.closeAllConnections()
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}

/** Paths of the page's views: each is answered with the same page. */
const VIEWS = new Set(['/', '/entries', '/entry', '/live', '/misses'])

/** Most bytes of a request's body, which has a key and a credential. */
const MAX_BODY = 64 * 1024
/** Bytes that may be queued for a page that does not read; further events are dropped. */
const MAX_WAITING = 1024 * 1024

class Page {
  readonly token: string = randomBytes(32).toString('base64url')
  readonly #assets: ReadonlyMap<string, Asset>
  readonly #routes: Routes
  readonly #feed = new LiveFeed()

  constructor(source: PageSource, allowClear: boolean, assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets
    this.#routes = new Routes(source, { isLive: source.isLive, allowClear })
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response)
    } catch {
      // The page is not told what went wrong inside.
      if (!response.headersSent) send(response, { status: 500, body: { error: 'internal' } })
      response.end()
    }
  }

  close(): void {
    this.#feed.close()
    this.#routes.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request
    const url = URL.parse(`http://127.0.0.1${request.url}`)
    if (!isOwn(request) || url === null) return send(response, { status: 403, body: { error: 'another origin' } })
    if (!url.pathname.startsWith('/api/')) return this.#sendAsset(method, url.pathname, response)
    if (!isAuthorized(request, this.token)) return send(response, { status: 401, body: { error: 'no token' } })
    if (method === 'GET' && url.pathname === '/api/live') return this.#stream(response)
    const body = method === 'POST' ? await readBody(request) : undefined
    send(response, await this.#routes.answer({ method, url, body }))
  }

  #sendAsset(method: string, pathname: string, response: ServerResponse): void {
    // Browsers request this by themselves.
    if (pathname === '/favicon.ico') return void response.writeHead(204, HEADERS).end()
    const asset = this.#assets.get(VIEWS.has(pathname) ? 'index.html' : pathname.slice(1))
    if (asset === undefined || (method !== 'GET' && method !== 'HEAD')) {
      return send(response, { status: 404, body: { error: 'not found' } })
    }
    response.writeHead(200, { ...HEADERS, 'content-type': asset.type }).end(method === 'HEAD' ? '' : asset.body)
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/x-ndjson' })
    response.flushHeaders()
    const stop = this.#feed.listen((line) => {
      if (response.writableLength < MAX_WAITING) response.write(line)
    })
    response.once('close', stop)
  }
}

function send(response: ServerResponse, { status, body }: PageAnswer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (Number(request.headers['content-length'] ?? Infinity) > MAX_BODY) return undefined
  const body = parseJson(await text(request))
  return isObject(body) ? body : undefined
}
