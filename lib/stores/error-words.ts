import { LlmCacheError } from '../base/errors.ts'

/**
 * The first words of errors of Redis and of its clients. Only these are shown: the rest of a message may contain a key,
 * an address with its password, or the data to write.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
const BEGINNINGS = [
  ...['ASK', 'BUSY', 'CLUSTERDOWN', 'CROSSSLOT', 'ERR', 'EXECABORT', 'LOADING', 'MASTERDOWN', 'MISCONF', 'MOVED'],
  ...[
    'NOAUTH',
    'NOPERM',
    'NOPROTO',
    'NOREPLICAS',
    'OOM',
    'READONLY',
    'TRYAGAIN',
    'UNBLOCKED',
    'WRONGPASS',
    'WRONGTYPE',
  ],
  ...['Connection is closed', 'Command timed out', 'Socket timeout'],
  ...['Cluster is disconnected', 'Cluster is disconnecting', "Cluster isn't ready", 'Node is disconnected'],
  ...['None of startup nodes is available', 'Too many Cluster redirections'],
]

/** The kind of a store's error, in words without secrets, whoever made the error. */
export function errorWords(error: unknown): string {
  if (error instanceof LlmCacheError) return error.message
  if (!(error instanceof Error)) return typeof error
  return beginningOf(error.message) ?? sqliteWords(error) ?? codeOf(error) ?? classOf(error)
}

function beginningOf(message: string): string | undefined {
  return BEGINNINGS.find(
    (words) => message === words || (/^[ .]/.test(message.slice(words.length)) && message.startsWith(words)),
  )
}

/** SQLite's text for a result code, which reveals nothing about the file. https://www.sqlite.org/c3ref/errcode.html */
function sqliteWords(error: Error): string | undefined {
  return 'errcode' in error && 'errstr' in error && typeof error.errstr === 'string' ? error.errstr : undefined
}

/** Such as `ECONNREFUSED`, or Postgres's `28P01`. */
function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? String(error.code) : ''
  return /^\w{1,40}$/.test(code) ? code : undefined
}

/** Most classes of errors do not name themselves. */
function classOf({ name, constructor }: Error): string {
  return name === 'Error' ? constructor.name || name : name
}
