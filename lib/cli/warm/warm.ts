import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { isObject, parseJson } from '../../base/json.ts'
import { showNumberOf } from '../../base/units.ts'
import type { LlmCacheOptions } from '../../options/options.ts'
import { readProcessOptions } from '../../options/process-options.ts'
import { PROVIDERS } from '../../providers/hosts.ts'
import { createMatcher, mergeProviders } from '../../providers/match.ts'
import { textLines } from '../../stores/text-lines.ts'
import { type CredentialFlags, credentialOf } from '../credential-option.ts'
import type { PackageFacts } from '../define.ts'
import { parseCount } from '../filter-options.ts'
import { addStoreOption, type OpenCache, type StoreFlags, withStore } from '../open-cache.ts'
import { print, printJson, tell } from '../output.ts'
import { keyFor, sdkHeaders } from './credentials.ts'
import { FailedLines } from './failed-lines.ts'
import { type Progress, startProgress } from './progress.ts'
import { readRequestLine } from './request-line.ts'
import { callOnce, type Outcome } from './warmer.ts'

const EXAMPLES = `
Calls the provider for each line whose answer is not in the store yet. An interrupted run can simply be repeated: stored
answers are not requested again. Lines are those of a batch file: OpenAI's { custom_id, url, body } (url may be a full URL of
any provider), Anthropic's { custom_id, params }, Mistral's { custom_id, body }, Gemini's { key, request }. Failed lines are
written to a separate file, which can be warmed again. The LLM_CACHE_* variables apply as in the app.

An app finds these answers if it sends the same body and key in the same headers. The defaults are those of the newest
openai, @anthropic-ai/sdk and @google/genai; the last example is for @ai-sdk/anthropic.

Examples:
  undici-llm-cache warm prompts.jsonl --store sqlite:.llm-cache.db
  undici-llm-cache warm prompts.jsonl --concurrency 16 --credential-env MY_OPENAI_KEY
  undici-llm-cache warm prompts.jsonl --base-url https://openrouter.ai/api/v1
  undici-llm-cache warm gemini.jsonl --path /v1beta/models/gemini-3-pro:generateContent
  undici-llm-cache warm prompts.jsonl --credential-header x-api-key --header 'anthropic-version: 2023-06-01'
`

interface Flags extends StoreFlags, CredentialFlags {
  readonly concurrency: number
  readonly baseUrl?: string
  readonly path: string
  readonly credentialHeader?: string
  readonly header?: Readonly<Record<string, string>>
  readonly errors?: string
  readonly json?: true
}

/** `warm FILE.jsonl`: fills a store with the answers to many requests. */
export function defineWarm(command: Command, facts: PackageFacts): void {
  addStoreOption(command)
    .argument('<file>', 'requests, one a line')
    .option('-c, --concurrency <count>', 'calls at once', parseCount, 4)
    .option('--base-url <url>', 'the provider, as the base URL of an SDK; default by the kind of line', parseBaseURL)
    .option('--path <path>', 'the path of lines that name none', '/v1/chat/completions')
    .option('--credential-env <name>', 'the variable that holds the API key; default the usual one of a known host')
    .option('--credential-header <name>', "the header that carries it; default as the provider's own SDK has it")
    .option('--header <field>', "one more header, 'name: value'; may be repeated", addHeader)
    .option('--errors <file>', 'the file for lines that failed; default FILE.errors.jsonl')
    .option('--json', '{ lines, called, there, failed, stored, refusals, errors }')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      credentialOf(command, flags)
      if (flags.errors !== undefined && resolve(flags.errors) === resolve(file)) {
        command.error('error: --errors names the file of requests itself')
      }
      const total = await countLines(file)
      const options = optionsFor(flags.baseUrl)
      await withStore({ command, flags, facts, mayMake: true, options }, (open) => warm(open, file, total, flags))
    })
}

function parseBaseURL(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text
  throw new InvalidArgumentError('It must be a URL such as https://api.openai.com.')
}

function addHeader(field: string, headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(field) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError("It must be 'name: value'.")
  return { ...headers, [name]: value }
}

/** Counts the lines. Throws if the file can't be read, before anything is created. */
async function countLines(file: string): Promise<number> {
  await (await open(file)).close()
  let count = 0
  for await (const _ of textLines(createReadStream(file), MAX_LINE)) count++
  return count
}

/** UTF-16 units; a longer line fails. */
const MAX_LINE = 64 * 1024 * 1024
/**
 * Seconds that a lookup in the store may take. Without an answer by then, the call would be sent to the provider and
 * paid again.
 */
const STORE_TIMEOUT = 10

/** The app's own options, so that keys are the same as in the app. */
function optionsFor(baseURL: string | undefined): LlmCacheOptions {
  const { options } = readProcessOptions(process.env, process.cwd())
  const { hosts = [], providers = [] } = options
  const origin = baseURL === undefined ? undefined : new URL(baseURL).origin
  const isKnown = origin === undefined || createMatcher(mergeProviders(PROVIDERS, providers)).knows(origin)
  return { ...options, storeTimeout: STORE_TIMEOUT, hosts: isKnown ? hosts : [...hosts, origin] }
}

interface Counts {
  lines: number
  called: number
  there: number
  failed: number
}

async function warm({ cache, store }: OpenCache, file: string, total: number, flags: Flags): Promise<void> {
  const failures = new FailedLines(flags.errors ?? `${file}.errors.jsonl`)
  const counts: Counts = { lines: 0, called: 0, there: 0, failed: 0 }
  const reasons = new Map<string, number>()
  const progress = startProgress(total)
  const run: Run = { flags, counts, reasons, failures, progress, needsKey: store.needsSecret === true }
  const uninstall = cache.install()
  try {
    const lines = textLines(createReadStream(file), MAX_LINE)
    await Promise.all(Array.from({ length: flags.concurrency }, () => work(lines, run)))
    await cache.flush()
  } finally {
    run.progress.stop()
    uninstall()
    failures.close()
  }
  const { stores: stored, refusals } = cache.stats()
  const errors = counts.failed > 0 ? failures.path : undefined
  report({ ...counts, stored, refusals, errors }, reasons, flags.json === true)
  if (counts.failed > 0) process.exitCode = 1
}

/** One run over a file. */
interface Run {
  readonly flags: Flags
  readonly counts: Counts
  /** Number of failed lines, by reason. */
  readonly reasons: Map<string, number>
  readonly failures: FailedLines
  readonly progress: Progress
  readonly needsKey: boolean
}

async function work(lines: AsyncGenerator<{ number: number; text: string | undefined }>, run: Run): Promise<void> {
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const { number, text } = next.value
    const { line, outcome } = await warmLine(text, run)
    run.counts.lines++
    run.counts[outcome.is]++
    run.progress.advance(outcome.is === 'failed')
    if (outcome.is === 'failed') {
      const { status, message } = outcome
      run.failures.add(line, { line: number, status, message })
      const reason = reasonOf(outcome)
      run.reasons.set(reason, (run.reasons.get(reason) ?? 0) + 1)
    }
  }
}

/** Why a line failed, for the terminal. A provider's own text is only in the file: it may repeat a prompt or a key. */
function reasonOf({ status = 0, message }: Extract<Outcome, { is: 'failed' }>): string {
  return status >= 300 ? `status ${status}` : message
}

async function warmLine(text: string | undefined, run: Run): Promise<{ line: object; outcome: Outcome }> {
  const { flags, needsKey } = run
  const failed = (message: string): Outcome => ({ is: 'failed', status: undefined, message })
  if (text === undefined) return { line: {}, outcome: failed('it is too long') }
  const request = readRequestLine(text, { baseURL: flags.baseUrl, path: flags.path })
  if (typeof request === 'string') {
    const line = parseJson(text)
    return { line: isObject(line) ? line : {}, outcome: failed(request) }
  }
  const { line, url } = request
  const key = keyFor(url, flags.credentialEnv, process.env)
  if (key === undefined && needsKey) return { line, outcome: failed(NO_KEY) }
  return {
    line,
    outcome: await callOnce(request, { ...sdkHeaders(url, key, flags.credentialHeader), ...flags.header }),
  }
}

const NO_KEY =
  'the store seals an answer under the API key that pays for it: --credential-env NAME, or LLM_CACHE_ENCRYPTION_KEY'

interface Report extends Counts {
  readonly stored: number
  readonly refusals: Readonly<Record<string, number>>
  readonly errors: string | undefined
}

/** Most reasons that are shown. */
const MAX_REASONS = 5

function report(counts: Report, reasons: ReadonlyMap<string, number>, isJson: boolean): void {
  if (isJson) return printJson(counts)
  const { lines, called, there, failed, stored, refusals, errors } = counts
  print(`${showNumberOf(lines, 'line')}: ${there} were there, ${called} called for, ${stored} stored, ${failed} failed`)
  const { status: _ofFailures, ...others } = refusals
  for (const [reason, count] of Object.entries(others)) tell(`${count} not stored: ${reason}`)
  const most = [...reasons].toSorted(([, a], [, b]) => b - a).slice(0, MAX_REASONS)
  for (const [reason, count] of most) tell(`${count} failed: ${reason}`)
  if (errors !== undefined) tell(`The lines that failed are in ${errors}`)
}
