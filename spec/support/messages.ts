import diagnostics_channel from 'node:diagnostics_channel'
import { onTestFinished } from 'vitest'

/** Messages of a diagnostics channel while the running spec lasts. */
export function messagesOf(name: string): unknown[] {
  const messages: unknown[] = []
  const listen = (message: unknown): void => void messages.push(message)
  diagnostics_channel.subscribe(name, listen)
  onTestFinished(() => void diagnostics_channel.unsubscribe(name, listen))
  return messages
}
