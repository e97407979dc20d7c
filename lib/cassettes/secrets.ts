import type { CassetteEntry } from './entry.ts'
import { streamedTexts } from './streamed-text.ts'

/** A place in an entry that seems to contain a secret. */
export interface FoundSecret {
  /** Path: `response.json.choices[0].message.content`. */
  readonly path: string
  /** What it seems to be: `an OpenAI key`. Never the secret itself. */
  readonly kind: string
}

/**
 * The shapes of tokens. Prompts have many words that look similar, so each shape starts at the beginning of a word and
 * has a minimum length. A prefix that also ends common words (`sk-` in `task-…`) must be followed by a digit somewhere.
 */
const SHAPES: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['an Anthropic key', /(?<![\w-])sk-ant-[\w-]{16,}/],
  ['an OpenRouter key', /(?<![\w-])sk-or-v1-[\da-f]{16,}/],
  ['a Langfuse key', /(?<![\w-])[sp]k-lf-[\da-f-]{16,}/],
  // DeepSeek, Moonshot and LiteLLM use the same prefix.
  ['an OpenAI key', /(?<![\w-])sk-(?=[\w-]*\d)[\w-]{20,}/],
  ['a Google API key', /(?<![\w-])AIza[\w-]{35}/],
  ['a Google access token', /(?<![\w-])ya29\.[\w-]{20,}/],
  ['a Google client secret', /(?<![\w-])GOCSPX-[\w-]{20,}/],
  ['an AWS access key id', /(?<![A-Za-z\d])A(?:KIA|SIA)[A-Z\d]{16}(?![A-Za-z\d])/],
  ['an AWS signature', /AWS4-HMAC-SHA256 Credential=/],
  ['a Groq key', /(?<![\w-])gsk_[A-Za-z\d]{20,}/],
  ['an xAI key', /(?<![\w-])xai-(?=[\w-]*\d)[\w-]{20,}/],
  ['a Perplexity key', /(?<![\w-])pplx-(?=[\w-]*\d)[\w-]{20,}/],
  ['a Cerebras key', /(?<![\w-])csk-(?=[\w-]*\d)[\w-]{20,}/],
  ['a Fireworks key', /(?<![\w-])fw_[A-Za-z\d]{20,}/],
  ['a Together key', /(?<![\w-])tgp_v1_[\w-]{20,}/],
  ['an NVIDIA key', /(?<![\w-])nvapi-[\w-]{20,}/],
  ['a Jina key', /(?<![\w-])jina_[A-Za-z\d]{20,}/],
  ['a Voyage key', /(?<![\w-])pa-(?=[\w-]*\d)[\w-]{40,}/],
  ['a Tavily key', /(?<![\w-])tvly-(?=[\w-]*\d)[\w-]{20,}/],
  ['a LangSmith key', /(?<![\w-])lsv2_[\w-]{20,}/],
  ['a Vercel gateway key', /(?<![\w-])vck_[A-Za-z\d]{20,}/],
  ['a Hugging Face token', /(?<![\w-])hf_[A-Za-z\d]{20,}/],
  ['a Replicate token', /(?<![\w-])r8_[A-Za-z\d]{20,}/],
  ['a GitHub token', /(?<![\w-])(?:gh[pousr]_[A-Za-z\d]{30,}|github_pat_\w{30,})/],
  ['a GitLab token', /(?<![\w-])glpat-[\w-]{20,}/],
  ['an npm token', /(?<![\w-])npm_[A-Za-z\d]{30,}/],
  ['a Slack token', /(?<![\w-])xox[abeoprs]-[\w-]{10,}/],
  ['a Stripe key', /(?<![\w-])[rs]k_(?:live|test)_[A-Za-z\d]{16,}/],
  ['a SendGrid key', /(?<![\w-])SG\.[\w-]{16,}\.[\w-]{16,}/],
  ['a JSON web token', /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a bearer token', /(?<![\w-])[Bb]earer +(?=[\w.~+/-]*\d)[\w.~+/-]{24,}/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
]

/** A text that must not be in an entry, and a description for messages. */
export interface Forbidden {
  readonly text: string
  readonly kind: string
  /** Whether it is searched for in bytes alone, not in texts. */
  readonly onlyInBytes?: boolean
}

/** Searches an entry for known shapes of tokens, and for texts that are known to be secret. */
export function findSecrets(entry: CassetteEntry, forbidden: readonly Forbidden[]): FoundSecret[] {
  const found: FoundSecret[] = []
  const look = (text: string, path: string): void => {
    const isBytes = path.endsWith('.base64')
    const known = forbidden.find((one) => (isBytes || one.onlyInBytes !== true) && text.includes(one.text))
    const kind = kindOf(text) ?? known?.kind
    if (kind !== undefined) found.push({ path, kind })
  }
  const { url, request, response } = entry
  visitTexts({ url, request, response }, '', look)
  if (found.length > 0) return found
  // A model streams a token in pieces: no event has all of it.
  for (const { path, pieces } of streamedTexts(response)) {
    look(pieces.map(({ text }) => text).join(''), `response, over several events, ${path}`)
  }
  return found
}

function kindOf(text: string): string | undefined {
  return SHAPES.find(([, shape]) => shape.test(text))?.[0]
}

/** A text without what looks like a secret. */
export function withoutSecrets(text: string): string {
  return SHAPES.reduce((kept, [, shape]) => kept.replace(new RegExp(shape, 'g'), '[secret]'), text)
}

/**
 * Calls `visit` with each string in a value and its path. A member's name is visited only if it looks like a secret.
 */
function visitTexts(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') {
    // Binary bodies may contain text: multipart forms do.
    return visit(path.endsWith('.base64') ? Buffer.from(value, 'base64').toString('latin1') : value, path)
  }
  if (Array.isArray(value)) return value.forEach((item, at) => visitTexts(item, `${path}[${at}]`, visit))
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    const isSafe = kindOf(name) === undefined
    const place = `${path === '' ? '' : `${path}.`}${isSafe ? name : '[secret]'}`
    if (!isSafe) visit(name, place)
    visitTexts(member, place, visit)
  }
}
