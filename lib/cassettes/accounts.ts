import type { Match } from '../providers/provider.ts'
import { splitQuery } from '../request/query.ts'

/**
 * Headers that name the caller's organisation, project or account, in requests (`OpenAI-Organization`,
 * `x-goog-user-project`) and in answers (`anthropic-organization-id`).
 */
const ACCOUNT_HEADER = /(?:^|-)(?:organi[sz]ation|org|project|account|workspace)(?:-id)?$/

/** Whether a header (lower-case name) names an account. */
export function isAccountHeader(name: string): boolean {
  return ACCOUNT_HEADER.test(name)
}

/** Placeholder in a cassette for an account's id in a header. */
export const ACCOUNT = '[account]'

/** Placeholders of endpoint paths that stand for an account: Vertex AI's project, Cloudflare's account and gateway. */
const ACCOUNT_SEGMENT = /^\{(project|account|gateway|resource)\}$/

/** Finds an AWS account's number in an ARN: `arn:aws:bedrock:us-east-1:123456789012:inference-profile/…`. */
const ARN_ACCOUNT = /(arn(?::|%3A)[^/]*?(?::|%3A))\d{12}(?=:|%3A)/gi

/** Azure's hosts, whose first label is the name of the customer's resource. */
const OWN_HOST = /^https:\/\/[^.]+(?=\.(?:openai|cognitiveservices|services\.ai)\.azure\.com$)/

/**
 * The URL of a call as in the file and in the key: without credentials, and with placeholders for account ids, so that
 * it is the same for a colleague and in CI. A URL with placeholders is returned unchanged.
 */
export function urlWithoutAccounts({ origin, pathname, search, endpoint }: Match): string {
  const host = origin.replace(OWN_HOST, 'https://resource')
  const names = endpoint.path.split('/')
  const path = pathname
    .split('/')
    .map((segment, at) => ACCOUNT_SEGMENT.exec(names[at] ?? '')?.[1]?.toUpperCase() ?? segment)
    .join('/')
    .replaceAll(ARN_ACCOUNT, '$1000000000000')
  const query = splitQuery(search).plain.map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  return `${host}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`
}
