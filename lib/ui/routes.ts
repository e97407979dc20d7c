import type { EntryInfo } from '../stores/entry.ts'
import { type AnswerView, viewAnswer } from './answer-view.ts'
import { EntryList, type EntryQuery, type Sort, SORTS } from './entry-list.ts'
import type { PageSource } from './page-source.ts'

/** A request of the page. */
export interface PageRequest {
  readonly method: string
  readonly url: URL
  /** Parsed JSON; `undefined` if there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** An answer to the page: a status, and what is sent as JSON. */
export interface PageAnswer {
  readonly status: number
  readonly body: unknown
}

/** One page of the list of entries. */
export interface EntriesPage {
  readonly total: number
  readonly entries: readonly EntryInfo[]
}

/** An entry's answer, or why it can't be shown. */
export type AnswerResult = { readonly answer: AnswerView } | { readonly missing: 'sealed' | 'unreadable' }

/** How the page was opened. */
export interface PageFacts {
  readonly isLive: boolean
  readonly allowClear: boolean
}

const PAGE_SIZE = 50
const NOT_FOUND: PageAnswer = { status: 404, body: { error: 'not found' } }
/** Most bytes of a decoded answer that is shown. */
const MAX_ANSWER = 64 * 1024 * 1024

/** Answers the page's requests, by method and path. */
export class Routes {
  readonly #source: PageSource
  readonly #facts: PageFacts
  readonly #list: EntryList

  constructor(source: PageSource, facts: PageFacts) {
    this.#source = source
    this.#facts = facts
    this.#list = new EntryList(source)
  }

  /** Answers one request; 404 for an unknown path. */
  async answer(request: PageRequest): Promise<PageAnswer> {
    switch (`${request.method} ${request.url.pathname}`) {
      case 'GET /api/facts':
        return ok(this.#facts)
      case 'GET /api/stats':
        return ok(await this.#source.stats())
      case 'GET /api/entries':
        return ok(await this.#entries(request.url.searchParams))
      case 'GET /api/entry':
        return this.#entry(request.url.searchParams.get('key') ?? '')
      // A POST, so that the credential is in no URL.
      case 'POST /api/answer':
        return ok(await this.#answer(textOf(request.body, 'key') ?? '', textOf(request.body, 'credential')))
      case 'POST /api/clear':
        return this.#clear(request.body)
      default:
        return NOT_FOUND
    }
  }

  close(): void {
    this.#list.drop()
  }

  async #entries(parameters: URLSearchParams): Promise<EntriesPage> {
    const offset = Math.max(0, Number(parameters.get('offset') ?? 0) || 0)
    const list = await this.#list.find(queryOf(parameters), parameters.get('fresh') === 'true')
    return { total: list.length, entries: list.slice(offset, offset + PAGE_SIZE) }
  }

  async #entry(key: string): Promise<PageAnswer> {
    for await (const entry of this.#source.entries({ key })) return ok(entry)
    return NOT_FOUND
  }

  async #answer(key: string, credential: string | undefined): Promise<AnswerResult> {
    const entry = await this.#source.entry(key, credential === '' ? undefined : credential)
    if (entry === undefined) return { missing: 'sealed' }
    try {
      return { answer: viewAnswer(entry, MAX_ANSWER) }
    } catch {
      return { missing: 'unreadable' }
    }
  }

  async #clear(body: PageRequest['body']): Promise<PageAnswer> {
    if (!this.#facts.allowClear) return { status: 403, body: { error: 'the page was opened read-only' } }
    const key = textOf(body, 'key')
    if (key === undefined && body?.['all'] !== true) return { status: 400, body: { error: 'key or all is missing' } }
    this.#list.drop()
    return ok({ cleared: await this.#source.clear(key === undefined ? {} : { key }) })
  }
}

function ok(body: unknown): PageAnswer {
  return { status: 200, body }
}

function textOf(body: PageRequest['body'], name: string): string | undefined {
  const value = body?.[name]
  return typeof value === 'string' ? value : undefined
}

function queryOf(parameters: URLSearchParams): EntryQuery {
  const asked = parameters.get('sort')
  const sort: Sort = SORTS.find((one) => one === asked) ?? 'storedAt'
  return {
    search: parameters.get('search') ?? '',
    namespace: parameters.get('namespace') ?? undefined,
    sort,
    isDescending: parameters.get('order') !== 'ascending',
  }
}
