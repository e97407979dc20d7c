import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const FLAGS = `--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync`

/** A browser with a profile of its own. */
export async function launchBrowser(): Promise<BrowserContext & AsyncDisposable> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'))
  const args = FLAGS.split(/\s+/)
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args })
  return Object.assign(context, {
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  })
}

/** A page, and all that it asks for or complains of. */
export interface OpenedPage {
  readonly page: Page
  /** Addresses of requests. */
  readonly requests: string[]
  /** Errors of scripts, and what the console says. */
  readonly complaints: string[]
}

/** Opens a page for the running spec. `view`: its path. */
export async function openPage(context: BrowserContext, url: string, view = '/'): Promise<OpenedPage> {
  const page = await context.newPage()
  onTestFinished(() => page.close())
  const [requests, complaints]: string[][] = [[], []]
  page.on('request', (request) => void requests?.push(request.url()))
  page.on('pageerror', (error) => void complaints?.push(String(error)))
  page.on('console', (message) => void complaints?.push(message.text()))
  const { origin, hash } = new URL(url)
  await page.goto(origin + view + hash)
  await page.waitForSelector('h1')
  return { page, requests: requests ?? [], complaints: complaints ?? [] }
}
