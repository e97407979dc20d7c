import { expect, test } from 'vitest'
import type { Command } from '../../../../lib/stores/redis/command.ts'
import type { RedisCommands } from '../../../../lib/stores/redis/commands.ts'
import { takeLease } from '../../../../lib/stores/redis/leases.ts'

/** Commands of which SET fails, and what was sent. */
function failingCommands(): { readonly commands: RedisCommands; readonly sent: Command[] } {
  const sent: Command[] = []
  const send = async (_key: string, command: Command): Promise<unknown> => {
    sent.push(command)
    if (command[0] === 'SET') throw new Error('Command timed out')
    return 1
  }
  const none = { atomically: async () => undefined, nodes: async () => [], open: () => Promise.reject(new Error()) }
  return { sent, commands: { ...none, send, isOpen: true } }
}

test('a lease that was asked for in a command that the client gave up goes back, by the same token', async () => {
  const { commands, sent } = failingCommands()
  await expect(takeLease(commands, 'lease')).rejects.toThrow('Command timed out')
  const [set, back] = sent
  expect(back?.slice(2)).toEqual(['1', 'lease', set?.[2]])
})
