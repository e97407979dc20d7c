import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { digest } from '../base/digest.ts'

/** On every response. The page is for one person, loads nothing from elsewhere, and stands in no frame. */
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

/** A port that is forwarded has another number. A name of another's that leads here (DNS rebinding) is none of these. */
const HOST = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/

/**
 * Whether a request comes from the page itself, from no page, or opens the page in a tab: whoever follows a link to it, in a
 * terminal that is a page itself, has no token yet and sees no figures.
 */
export function isOwn({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers
  const site = headers['sec-fetch-site']
  if (!HOST.test(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  const opensTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return site === undefined || site === 'same-origin' || site === 'none' || opensTab
}

/** Whether a request has the page's token. Cookies would be sent to other ports of this machine, too. */
export function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(token)))
}
