import type { EntryInfo } from '../../stores/entry.ts'
import type { PageStats } from '../page-source.ts'
import type { LiveEvent } from '../live-feed.ts'
import type { AnswerResult, EntriesPage, PageFacts } from '../routes.ts'

/** A request that failed. */
export class ApiError extends Error {
  /** HTTP status; 0 if the server could not be reached. */
  readonly status: number

  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${location.hash.slice(1)}`, 'content-type': 'application/json' }
  const response = await fetch(path, { ...init, headers, referrerPolicy: 'no-referrer' }).catch(() => undefined)
  if (response?.ok !== true) throw new ApiError(response?.status ?? 0)
  return response
}

async function get<T>(path: string): Promise<T> {
  return (await ask(path)).json()
}

async function post<T>(path: string, body: object): Promise<T> {
  return (await ask(path, { method: 'POST', body: JSON.stringify(body) })).json()
}

/** How the page was opened. */
export function getFacts(): Promise<PageFacts> {
  return get('/api/facts')
}

/** The figures. */
export function getStats(): Promise<PageStats> {
  return get('/api/stats')
}

/** One page of the entries. */
export function getEntries(query: Readonly<Record<string, string>>): Promise<EntriesPage> {
  return get(`/api/entries?${new URLSearchParams(query)}`)
}

/** One entry. */
export function getEntry(key: string): Promise<EntryInfo> {
  return get(`/api/entry?${new URLSearchParams({ key })}`)
}

/** The answer of one entry. */
export function getAnswer(key: string, credential: string): Promise<AnswerResult> {
  return post('/api/answer', { key, credential })
}

/** Deletes one entry. */
export function deleteEntry(key: string): Promise<unknown> {
  return post('/api/clear', { key })
}

/** Calls back with each event, until the signal aborts. Resolves when the server ends the connection. */
export async function listenLive(onEvent: (event: LiveEvent) => void, signal: AbortSignal): Promise<void> {
  const { body } = await ask('/api/live', { signal })
  if (body === null) return
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onEvent(JSON.parse(line))
  }
}
