import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { digest } from '../base/digest.ts'

/** Headers of every response: nothing is cached, loaded from elsewhere, or shown in a frame. */
export const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * Names of this machine, with any port, since a forwarded port may differ. A foreign name that resolves to this machine
 * (DNS rebinding) is refused.
 */
const HOST = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/

/**
 * Whether a request comes from the page itself or from no page, or opens the page in a tab. The last happens when
 * somebody follows a link, for example in a terminal in the browser. It carries no token, so it shows no figures.
 */
export function isOwn({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers
  const site = headers['sec-fetch-site']
  if (!HOST.test(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  const opensTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return site === undefined || site === 'same-origin' || site === 'none' || opensTab
}

/**
 * Whether a request has the page's token. A cookie would not do: browsers send it to other ports of this machine as
 * well.
 */
export function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(token)))
}
