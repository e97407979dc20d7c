import { type ChannelListener, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { styleText } from 'node:util'
import { writeStderr } from '../base/stderr.ts'
import type { DiagnosticMessages } from './diagnostics.ts'
import { lineOfAdvice, lineOfAnswer, lineOfCall, type LogLine, renderLine, renderSummary } from './log-line.ts'
import type { Stats } from './stats.ts'

type Lines = {
  readonly [Name in keyof DiagnosticMessages]?: (message: DiagnosticMessages[Name]) => LogLine | undefined
}

/**
 * Writes one line for each call to stderr, and a summary at the end of the process, until the returned function is
 * called. It subscribes to the diagnostics channels, so calls cost nothing extra while it is off. No line holds a
 * prompt, an answer or a credential.
 *
 * @param format `text` for people, coloured only on a terminal and never with `NO_COLOR`; `json` for machines.
 */
export function startLog(format: 'text' | 'json', stats: () => Stats): () => void {
  const writer = new Writer((line) => writeStderr(format === 'json' ? json(line) : renderLine(line, paint)))
  const told = new Set<string>()
  const stop = listen(
    {
      'undici-llm-cache:answer': lineOfAnswer,
      'undici-llm-cache:call': lineOfCall,
      'undici-llm-cache:unmatched': ({ host, cause }) => once(told, { status: 'UNMATCHED', host, detail: cause }),
      'undici-llm-cache:advice': (advice) => once(told, lineOfAdvice(advice)),
      'undici-llm-cache:error': ({ where, reason }) => ({ status: 'ERROR', detail: `${where}: ${reason}` }),
    },
    (line) => writer.later(line),
  )
  const forget = atEnd(() => {
    const figures = stats()
    writer.flush()
    const text = renderSummary(figures)
    if (text === undefined) return
    writeStderr(format === 'json' ? JSON.stringify({ summary: figures }) : `undici-llm-cache: ${text}`)
  })
  return () => {
    stop()
    forget()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Calls back when the process ends, also by a signal that nobody else handles. Returns a function that cancels this.
 */
function atEnd(callback: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Another listener decides what happens to the process.
    if (process.listenerCount(signal) > 1) return
    forget()
    callback()
    process.kill(process.pid, signal)
  }
  const forget = (): void => {
    process.off('exit', callback)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  process.on('exit', callback)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return forget
}

/** Builds and writes lines after the running code has finished: no call waits for a price or a pipe. */
class Writer {
  readonly #write: (line: LogLine) => void
  readonly #waiting: (() => LogLine | undefined)[] = []

  constructor(write: (line: LogLine) => void) {
    this.#write = write
  }

  later(line: () => LogLine | undefined): void {
    if (this.#waiting.push(line) === 1) setImmediate(() => this.flush())
  }

  flush(): void {
    for (const lineOf of this.#waiting.splice(0)) {
      const line = lineOf()
      if (line !== undefined) this.#write(line)
    }
  }
}

/** Calls back for each message on the channels. Returns a function that ends this. */
function listen(lines: Lines, onLine: (line: () => LogLine | undefined) => void): () => void {
  const listeners = Object.entries(lines).map(([name, lineOf]) => {
    // Each channel's messages are as in DiagnosticMessages.
    const listener: ChannelListener = (message) =>
      onLine(() => (lineOf as (message: unknown) => LogLine | undefined)(message))
    subscribe(name, listener)
    return [name, listener] as const
  })
  return () => listeners.forEach(([name, listener]) => unsubscribe(name, listener))
}

/** Durations are rounded to microseconds, the resolution of the clock. */
const MICRO = 1e6

function json(line: LogLine): string {
  const round = (_name: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * MICRO) / MICRO : value
  return JSON.stringify({ time: new Date().toISOString(), ...line }, round)
}

/** Many calls may bypass the cache unseen, or need the same advice: there is one line for each host and each advice. */
function once(told: Set<string>, line: LogLine): LogLine | undefined {
  const name = `${line.host} ${line.model} ${line.detail}`
  if (told.has(name) || told.size > 1000) return undefined
  told.add(name)
  return line
}

const COLOURS: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  HIT: ['green', 'bold'],
  STALE: 'green',
  COALESCED: 'cyan',
  MISS: 'yellow',
  REFRESH: 'yellow',
  ERROR: 'red',
}

function paint(status: string): string {
  return styleText(COLOURS[status] ?? 'dim', status, { stream: process.stderr })
}
