import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isRegistered } from '../../base/registered.ts'
import { dispatcherNames } from '../../undici/install.ts'
import type { Finding } from './finding.ts'
import { isAtLeast } from './version.ts'

const LEAST_NODE = '22.19.0'
const LEAST_UNDICI = '7.27.0'

/** Checks the version of Node. */
export function checkNode(version: string): Finding {
  if (isAtLeast(version, LEAST_NODE)) return { level: 'ok', check: 'node', text: `Node ${version}` }
  const remedy = `use Node ${LEAST_NODE} or later`
  return { level: 'fail', check: 'node', text: `Node ${version} is older than what is tested`, remedy }
}

/** Checks the copies of undici that the app in `folder` uses: the one in Node, and its own. */
export function checkUndici(folder: string): Finding {
  const inside = `${process.versions['undici']} inside of Node`
  const own = versionOf('undici', folder)
  if (own === undefined) return { level: 'ok', check: 'undici', text: `${inside}; the app has none of its own` }
  const text = `${inside}, ${own} of the app's own`
  if (isAtLeast(own, LEAST_UNDICI)) return { level: 'ok', check: 'undici', text }
  const remedy = `npm install undici@${LEAST_UNDICI.split('.')[0]}, for dispatcher.compose(cache.interceptor); install() works as it is`
  return { level: 'warn', check: 'undici', text: `${text}, which is before ${LEAST_UNDICI}`, remedy }
}

function versionOf(name: string, folder: string): string | undefined {
  try {
    const { version }: { version: string } = createRequire(join(folder, 'package.json'))(`${name}/package.json`)
    return version
  } catch {
    return undefined
  }
}

/** Checks which dispatcher the global fetch uses, in a process started like this one. */
export function checkDispatcher(): Finding {
  void globalThis.Response // loads Node's own undici, and its dispatcher
  const names = dispatcherNames().join(', ')
  if (isRegistered()) return { level: 'ok', check: 'dispatcher', text: `the cache, registered, above ${names}` }
  const remedy =
    'start the app with "undici-llm-cache run -- …", or --import undici-llm-cache/register, or call install()'
  return { level: 'note', check: 'dispatcher', text: `${names}; register is not in NODE_OPTIONS`, remedy }
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

/** Checks whether a configured proxy is used. Only names of variables are shown: an address may hold a password. */
export function checkProxy(variables: NodeJS.ProcessEnv, execArgv: readonly string[]): Finding {
  const set = PROXIES.filter((name) => variables[name])
  if (set.length === 0) return { level: 'ok', check: 'proxy', text: 'none' }
  const asked = `${variables['NODE_OPTIONS'] ?? ''} ${execArgv.join(' ')}`
  const isUsed = variables['NODE_USE_ENV_PROXY'] === '1' || asked.includes('--use-env-proxy')
  if (isUsed) return { level: 'ok', check: 'proxy', text: `${set.join(', ')}; misses go through it, below the cache` }
  const remedy = 'set NODE_USE_ENV_PROXY=1, unless the app has a ProxyAgent of its own'
  return { level: 'warn', check: 'proxy', text: `${set.join(', ')}, but Node does not look at it by itself`, remedy }
}

/** A clock before this date is wrong: this package did not exist then. */
const FIRST_DAY = Date.UTC(2026, 0, 1)

/** Milliseconds by which two clocks may differ: less than a second of a time to live. */
const APART = 1000

/**
 * Checks this machine's clock. The age of an answer is computed with the clocks of all machines that share the store.
 * `newest` (when the newest entry was stored) and `serverTime` (the clock of the store's server) are milliseconds since
 * the epoch.
 */
export function checkClock(now: number, newest?: number, serverTime?: number): Finding {
  const text = new Date(now).toISOString()
  const remedy = 'set the clock (NTP): an answer lives for its time to live by it'
  const check = 'clock'
  if (now < FIRST_DAY) return { level: 'fail', check, text: `${text} is in the past`, remedy }
  const ahead = (newest ?? now) - now
  const apart = Math.abs((serverTime ?? now) - now)
  const seconds = (time: number): string => `${Math.round(time / 1000)} s`
  if (ahead > APART)
    return { level: 'warn', check, text: `${text}, but an entry was stored ${seconds(ahead)} later`, remedy }
  if (apart > APART)
    return { level: 'warn', check, text: `${text}, ${seconds(apart)} from the clock of the store's server`, remedy }
  return { level: 'ok', check, text }
}
