import { createReadStream } from 'node:fs'
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { showCount, showNumberOf, showPlain } from '../../base/units.ts'
import { Answer, type Usage } from '../../providers/answer.ts'
import { PROVIDERS } from '../../providers/hosts.ts'
import { createMatcher, type Matcher, mergeProviders } from '../../providers/match.ts'
import type { Format, Match, ProviderRow } from '../../providers/provider.ts'
import { textLines } from '../../stores/text-lines.ts'
import { OPENROUTER, type PromptAdvice, readRequest, RepeatedMisses } from '../../telemetry/prompt-cache/advice.ts'
import { readRequestLine } from '../warm/request-line.ts'
import type { Finding } from './finding.ts'

const check = 'requests'

/** UTF-16 units; a longer line is skipped. */
const MAX_LINE = 64 * 1024 * 1024
/** Path of lines that name none. */
const PATH = '/v1/chat/completions'
/** Line numbers that one finding names. */
const SHOWN = 5

/** An advice, and the lines that it applies to. */
interface Told {
  readonly advice: PromptAdvice
  readonly lines: number[]
}

/**
 * Checks the requests of a batch file, one on each line, for what keeps the providers' own prompt caches from being
 * used. Also reads the members `headers` and `response` of a line, if present.
 */
export async function checkRequests(file: string, providers: readonly ProviderRow[]): Promise<Finding[]> {
  const reader = new RequestReader(createMatcher(mergeProviders(PROVIDERS, providers)))
  try {
    for await (const { number, text } of textLines(createReadStream(file), MAX_LINE)) reader.read(number, text)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return [{ level: 'fail', check, text: `the file of requests can not be read (${code})` }]
  }
  return reader.findings()
}

class RequestReader {
  readonly #match: Matcher
  readonly #misses = new RepeatedMisses()
  readonly #told = new Map<string, Told>()
  readonly #wrong: number[] = []
  #count = 0
  /** Requests with breakpoints that go through OpenRouter. */
  #viaOpenRouter = 0

  constructor(match: Matcher) {
    this.#match = match
  }

  read(number: number, text: string | undefined): void {
    const request = text === undefined ? undefined : readRequestLine(text, { baseURL: undefined, path: PATH })
    if (request === undefined || typeof request === 'string') return void this.#wrong.push(number)
    this.#count++
    const { url } = request
    const { line, body } = request as { readonly line: JsonObject; readonly body: JsonObject } // parsed from JSON
    const match = this.#match(url.origin, url.pathname + url.search)
    const provider = match?.provider.id ?? url.hostname
    const read = readRequest({ provider, model: modelOf(match, body), body, beta: betaOf(line['headers']) })
    if (read.isMarked && provider === 'openrouter') this.#viaOpenRouter++
    for (const advice of read.advice) this.#tell(advice, number)
    const usage = match === undefined ? undefined : usageOf(match.endpoint.format, line['response'])
    const repeated = this.#misses.answered(read, usage)
    if (repeated !== undefined) this.#tell(repeated, number)
  }

  findings(): Finding[] {
    const advice = [...this.#told.values()].map((told) => findingOf(told))
    const findings: Finding[] = advice.length > 0 ? advice : [this.#sound()]
    if (this.#viaOpenRouter > 0) findings.push({ level: 'note', check, text: OPENROUTER })
    if (this.#wrong.length > 0) {
      const text = `${showNumberOf(this.#wrong.length, 'line')} without a request left out: ${showLines(this.#wrong)}`
      findings.push({ level: 'warn', check, text })
    }
    return findings
  }

  #sound(): Finding {
    const text = `${showNumberOf(this.#count, 'request')}: nothing in them keeps the provider's own prompt cache from being used`
    return { level: 'ok', check, text }
  }

  #tell(advice: PromptAdvice, line: number): void {
    const id = `${advice.code} ${advice.provider} ${advice.model}`
    const told = this.#told.get(id) ?? { advice, lines: [] }
    this.#told.set(id, told)
    told.lines.push(line)
  }
}

function findingOf({ advice: { model, provider, text, docs }, lines }: Told): Finding {
  const whose = showPlain(model ?? provider)
  return { level: 'warn', check, text: `${whose}: ${text} (${showLines(lines)})`, remedy: docs }
}

function showLines(lines: readonly number[]): string {
  const shown = lines.slice(0, SHOWN).join(', ')
  const more = lines.length > SHOWN ? ` and ${showCount(lines.length - SHOWN)} more` : ''
  return `line${lines.length === 1 ? '' : 's'} ${shown}${more}`
}

/** The model of a request. For an unknown endpoint it is the member `model`, as in most APIs. */
function modelOf(match: Match | undefined, body: JsonObject): string | undefined {
  const named = typeof body['model'] === 'string' ? body['model'] : undefined
  if (match === undefined) return named
  const view = { body, params: match.params, query: () => undefined, header: () => undefined }
  return match.endpoint.format.inspect(view).model ?? named
}

function betaOf(headers: Json | undefined): string | undefined {
  if (!isObject(headers)) return undefined
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'anthropic-beta') ?? []
  return value === undefined || value === null ? undefined : String(value)
}

/** The usage in a response. A line of a batch's output has the answer in `body`. */
function usageOf(format: Format, response: Json | undefined): Usage | undefined {
  if (!isObject(response)) return undefined
  const answer = new Answer()
  format.observe({ name: undefined, data: response['body'] ?? response, stream: false }, answer)
  return answer.usage
}
