import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCache, LlmCacheOptions, Ui, UiOptions } from '../../../lib/index.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { serveUi } from '../../../lib/ui/server.ts'
import { sourceOfStore } from '../../../lib/ui/store-source.ts'
import { isInstalled } from '../../support/binary.ts'
import { installCache } from '../../support/cache.ts'
import { chat } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { launchBrowser, openPage } from './browser.ts'

interface Bed {
  readonly cache: LlmCache
  readonly provider: Provider
  readonly ui: Ui
  readonly ask: (fields?: object, init?: RequestInit) => Promise<Response>
}

async function open(options: LlmCacheOptions = {}, ui: UiOptions = {}): Promise<Bed> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ...options })
  const ask: Bed['ask'] = async (fields, init) => {
    const answer = await chat(provider.origin, fields, init)
    await answer.clone().text()
    return answer
  }
  return { cache, provider, ui: await cache.ui(ui), ask }
}

const SCRIPT = '<script>document.title = "broken into"</script><img src=x onerror="document.title = 1">'

/** How much of the widest table is out of sight. */
const WIDEST_TABLE =
  'Math.max(...[...document.querySelectorAll(".scroll")].map((one) => one.scrollWidth - one.clientWidth))'

function saying(text: string): object {
  const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }
  return { events: [JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [choice] })] }
}

describe.skipIf(!isInstalled('chromium'))('the page', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser[Symbol.asyncDispose]())

  test('shows figures, by model and namespace, and why answers were not stored', async () => {
    const { ui, ask, provider } = await open()
    provider.script({}, { status: 500 })
    await ask()
    await ask({ seed: 1 })
    for (let n = 0; n < 3; n++) await ask()
    await ask({}, { headers: { 'content-type': 'application/json', authorization: 'x', 'x-llm-cache': 'bypass' } })
    const { page } = await openPage(browser, ui.url)
    await page.waitForSelector('text=Hit rate')
    const tiles = await page.locator('.tiles').innerText()
    expect(tiles).toMatch(/Hit rate\s+60 %\s+5 calls/)
    expect(tiles).toMatch(/Money saved\s+\$0\.00\d+/)
    expect(tiles).toMatch(/Cached by providers\s+0 tokens/)
    expect(await page.getByRole('region', { name: 'By model' }).innerText()).toMatch(/gpt-5\.1\s+5\s+60 %/)
    expect(await page.getByRole('region', { name: 'By namespace' }).innerText()).toContain('none')
    expect(await page.getByRole('region', { name: 'Answers that were not stored' }).innerText()).toMatch(/status\s+1/)
    expect(await page.getByRole('region', { name: 'Calls that bypassed the cache' }).innerText()).toMatch(/header\s+1/)
    const chart = page.getByRole('img')
    expect(await chart.getAttribute('aria-label')).toMatch(/: 3 hits and 2 misses/)
    expect(await chart.locator('rect.hit').count()).toBe(60)
  })

  test('shows of a store the calls of all processes over 30 days, with what missed and why', async () => {
    const path = `${await makeFolder({})}/answers.db`
    const { ask, cache, provider } = await open({ store: sqliteStore({ path }) })
    provider.script({}, { status: 500 })
    await ask()
    await ask({ seed: 1 })
    for (let n = 0; n < 3; n++) await ask()
    await cache.close()
    const store = sqliteStore({ path })
    const ui = await serveUi(sourceOfStore(store), {})
    onTestFinished(async () => void (await Promise.all([ui.close(), store.close()])))
    const { page } = await openPage(browser, ui.url)
    await page.waitForSelector('text=Hit rate')
    expect(await page.locator('.tiles').innerText()).toMatch(/Hit rate\s+60 %\s+5 calls/)
    expect(await page.getByRole('region', { name: 'By model' }).innerText()).toMatch(/gpt-5\.1\s+5\s+60 %/)
    expect(await page.getByRole('region', { name: 'Answers that were not stored' }).innerText()).toMatch(/status\s+1/)
    const chart = page.getByRole('img')
    for (const [span, bars] of [
      ['24 hours', 24],
      ['7 days', 56],
      ['30 days', 60],
    ] as const) {
      await page.getByRole('button', { name: `Last ${span}` }).click()
      await expect.poll(() => chart.locator('rect.hit').count()).toBe(bars)
      expect(await chart.getAttribute('aria-label')).toMatch(/: 3 hits and 2 misses/)
    }
  })

  test('shows a call that comes while it is open, and what becomes of it', async () => {
    const { ui, ask } = await open({ refuse: { length: true } })
    const { page } = await openPage(browser, ui.url, '/live')
    await page.waitForSelector('text=No call has come')
    await ask()
    await ask()
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(2)
    expect(await rows.nth(0).innerText()).toMatch(/HIT\s+gpt-5\.1/)
    expect(await rows.nth(1).innerText()).toMatch(/MISS\s+gpt-5\.1/)
  })

  test('paused, it stands still; let go, it shows what has come', async () => {
    const { ui, ask } = await open()
    const { page } = await openPage(browser, ui.url, '/live')
    await ask()
    await page.waitForSelector('tbody tr')
    const pause = page.getByRole('button', { name: 'Pause' })
    await pause.click()
    await ask()
    const other = await openPage(browser, ui.url, '/live')
    await expect.poll(() => other.page.locator('tbody tr').count()).toBe(2)
    expect(await page.locator('tbody tr').count()).toBe(1)
    await pause.click()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2)
  })

  test('explains misses, and says what to leave out of the key', async () => {
    const { ui, ask } = await open({ explain: true })
    for (let n = 0; n < 12; n++) await ask({ metadata: { trace: String(n) } })
    const { page } = await openPage(browser, ui.url, '/misses')
    await page.waitForSelector('.advice')
    const advice = await page.locator('.advice').innerText()
    expect(advice).toContain('body metadata.trace differs in 100 % of explained misses')
    expect(advice).toContain("ignoreFields: ['metadata.trace']")
    await expect.poll(() => page.getByRole('region', { name: 'The last misses' }).locator('tbody tr').count()).toBe(12)
  })

  test('says how to have misses explained where none is', async () => {
    const { ui } = await open()
    const { page } = await openPage(browser, ui.url, '/misses')
    await page.waitForSelector('text=LLM_CACHE_EXPLAIN=1')
  })

  test('lists, searches, sorts and pages through entries', async () => {
    const { ui, ask, cache } = await open()
    for (let n = 0; n < 60; n++) await ask({ seed: n, model: n === 7 ? 'gpt-special' : 'gpt-5.1' })
    await ask({ seed: 3 })
    const { page } = await openPage(browser, ui.url, '/entries')
    const rows = page.locator('tbody tr')
    const status = page.getByRole('navigation', { name: 'Pages' }).getByRole('status')
    await expect.poll(() => status.innerText()).toBe('1 – 50 of 60')
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(() => rows.count()).toBe(10)
    await page.getByRole('button', { name: 'Hits' }).click()
    await expect.poll(() => rows.nth(0).locator('td').nth(4).innerText()).toBe('1')
    expect(await page.getByRole('columnheader', { name: 'Hits' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Hits' }).click()
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Hits' }).getAttribute('aria-sort'))
      .toBe('ascending')
    await page.getByLabel('Search').fill('special')
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByLabel('Search').fill('')
    await page.getByLabel('Namespace').fill('nowhere')
    await page.waitForSelector('text=There is no such entry')
    expect(cache.stats().entries).toBe(60)
  })

  test('says of an answer that was stored while the clock was ahead that it is of no use', async () => {
    const { ui, ask } = await open()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    await ask()
    vi.useRealTimers()
    const { page } = await openPage(browser, ui.url, '/entries')
    const row = page.locator('tbody tr')
    expect(await row.innerText()).toContain('clock was ahead')
    await row.getByRole('link').click()
    await page.waitForSelector('text=counts as missing')
  })

  test('shows one entry, its answer as text, whatever is in it', async () => {
    const { ui, ask, provider } = await open()
    provider.script(saying(SCRIPT))
    await ask()
    const { page, complaints } = await openPage(browser, ui.url, '/entries')
    await page.locator('tbody a').first().click()
    await page.getByRole('button', { name: 'Show the answer' }).click()
    expect(await page.locator('pre.text').innerText()).toBe(SCRIPT)
    await page.getByText('Response as stored').click()
    expect(await page.locator('details pre').innerText()).toContain('content-type: application/json')
    expect(await page.title()).toBe('Entry · undici-llm-cache')
    expect(await page.locator('main script, main img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('shows names as text, whatever is in them: of models, namespaces, tags and parts that differ', async () => {
    const { ui, ask, cache } = await open({ explain: true })
    const model = `${SCRIPT} of a model`
    await cache.with({ namespace: '<b>ns</b>', tags: ['<i>tag</i>'] }, async () => {
      await ask({ model, [SCRIPT]: 1 })
      await ask({ model, [SCRIPT]: 2 })
    })
    const { page, complaints } = await openPage(browser, ui.url)
    for (const [view, heading] of [
      ['Overview', 'Overview'],
      ['Entries', 'Entries'],
      ['Live', 'Live calls'],
      ['Misses', 'Misses'],
    ]) {
      await page.getByRole('link', { name: view ?? '', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: heading ?? '' }).waitFor()
      await page.locator('td', { hasText: SCRIPT }).first().waitFor()
      expect(await page.locator('main script, main img, main b, main td i').count()).toBe(0)
    }
    await page.getByRole('link', { name: 'Entries' }).click()
    await page.locator('tbody a').first().click()
    await page.locator('dd', { hasText: '<i>tag</i>' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('plays a stream in the time that it took', async () => {
    const { ui, ask, provider } = await open()
    provider.script({ gap: 30 })
    const answer = await ask({ stream: true })
    const words = [...(await answer.text()).matchAll(/"content":"([^"]+)"/g)].map(([, word]) => word).join('')
    const { page } = await openPage(browser, ui.url, '/entries')
    await page.locator('tbody a').first().click()
    await page.getByRole('button', { name: 'Show the answer' }).click()
    await page.getByRole('button', { name: 'Play the stream' }).click()
    const played = page.getByLabel('The stream, played')
    const first = await played.innerText()
    expect(first.length).toBeLessThan(words.length)
    await expect.poll(() => played.textContent()).toBe(words)
  })

  test('shows a sealed answer to whoever gives its key, and keeps that key nowhere', async () => {
    const path = `${await makeFolder({})}/answers.db`
    const { ui, ask, cache } = await open({ store: sqliteStore({ path }) })
    await ask()
    await cache.flush()
    const { page, requests } = await openPage(browser, ui.url, '/entries')
    await page.locator('tbody a').first().click()
    const show = page.getByRole('button', { name: 'Show the answer' })
    await show.click()
    await page.waitForSelector('text=This key does not open it')
    await page.getByLabel('API key').fill('sk-other')
    await show.click()
    await page.waitForSelector('text=This key does not open it')
    await page.getByLabel('API key').fill('sk-one')
    await show.click()
    await page.waitForSelector('pre.text')
    expect(requests.join()).not.toContain('sk-one')
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).toBe('[{},{},""]')
    await page.reload()
    await page.getByRole('button', { name: 'Show the answer' }).waitFor()
    expect(await page.getByLabel('API key').inputValue()).toBe('')
  })

  test('deletes an entry where it may', async () => {
    const { ui, ask, cache } = await open({}, { allowClear: true })
    await ask()
    const { page } = await openPage(browser, ui.url, '/entries')
    page.on('dialog', (dialog) => void dialog.accept())
    await page.locator('tbody a').first().click()
    await page.getByRole('button', { name: 'Delete this entry' }).click()
    await page.waitForSelector('text=There is no such entry')
    expect(cache.stats().entries).toBe(0)
  })

  test('has no button to delete where it may not', async () => {
    const { ui, ask } = await open()
    await ask()
    const { page } = await openPage(browser, ui.url, '/entries')
    await page.locator('tbody a').first().click()
    await page.getByRole('button', { name: 'Show the answer' }).waitFor()
    expect(await page.getByRole('button', { name: 'Delete this entry' }).count()).toBe(0)
  })

  test('without its token it says what is missing', async () => {
    const { ui } = await open()
    const page = await browser.newPage()
    onTestFinished(() => page.close())
    await page.goto(new URL(ui.url).origin)
    await page.waitForSelector('text=with what stands after its #')
  })

  test('asks no other origin for anything, and breaks no rule of its policy', async () => {
    const { ui, ask } = await open({ explain: true })
    await ask()
    const { page, requests, complaints } = await openPage(browser, ui.url)
    for (const view of ['Entries', 'Live', 'Misses', 'Overview']) {
      await page.getByRole('link', { name: view }).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
    }
    expect(requests.length).toBeGreaterThan(4)
    expect(requests.filter((url) => new URL(url).origin !== new URL(ui.url).origin)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('is used by keyboard alone: a view takes the focus to its heading', async () => {
    const { ui, ask } = await open()
    await ask()
    const { page } = await openPage(browser, ui.url)
    await page.getByRole('link', { name: 'Entries' }).focus()
    await page.keyboard.press('Enter')
    // The link has the same text.
    await expect.poll(() => page.evaluate('document.activeElement.outerHTML')).toMatch(/^<h1.*>Entries<\/h1>$/)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.placeholder')).toBe('model, provider, tag, key')
    expect(await page.getByRole('link', { name: 'Entries' }).getAttribute('aria-current')).toBe('page')
  })

  test.for(['light', 'dark'] as const)(
    'is readable on a phone in %s: nothing is wider than the screen',
    async (colorScheme) => {
      const { ui, ask } = await open({ explain: true, revalidateShare: 1 })
      const { page } = await openPage(browser, ui.url)
      for (let n = 0; n < 5; n++) await ask({ seed: n % 4, model: 'a-model-with-a-long-name-of-its-own' })
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width: 360, height: 700 })
      for (const view of ['Entries', 'Live', 'Misses', 'Overview']) {
        await page.getByRole('link', { name: view }).click()
        await page.waitForSelector('table:visible')
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
        expect(await page.evaluate(WIDEST_TABLE)).toBeLessThanOrEqual(1)
      }
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        colorScheme === 'light' ? 'rgb(251, 251, 249)' : 'rgb(20, 22, 26)',
      )
    },
  )
})
