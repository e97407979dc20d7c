import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { LlmCacheError } from '../../../lib/base/errors.ts'
import { errorWords } from '../../../lib/stores/error-words.ts'

class SocketClosedUnexpectedlyError extends Error {}

test.each<[unknown, string]>([
  [new Error("WRONGPASS invalid username-password pair 'secret'"), 'WRONGPASS'],
  [new Error('OOM command not allowed'), 'OOM'],
  [new Error('MOVED 3999 10.0.0.7:6381'), 'MOVED'],
  [new Error('Connection is closed.'), 'Connection is closed'],
  [new Error('None of startup nodes is available'), 'None of startup nodes is available'],
  [new Error('Too many Cluster redirections. Last error: secret'), 'Too many Cluster redirections'],
  [new Error("Cluster isn't ready and enableOfflineQueue options is false"), "Cluster isn't ready"],
  [new Error("Socket timeout. Expecting data, but didn't receive any in 5ms."), 'Socket timeout'],
  [new Error('OOMSECRET'), 'Error'],
  [new Error('redis://:secret@host failed'), 'Error'],
  [new SocketClosedUnexpectedlyError('secret'), 'SocketClosedUnexpectedlyError'],
  [Object.assign(new Error('connect secret'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error('password for secret'), { code: '28P01' }), '28P01'],
  [Object.assign(new Error('secret'), { code: 'a secret, in words' }), 'Error'],
  [Object.assign(new Error('secret'), { name: 'MaxRetriesPerRequestError' }), 'MaxRetriesPerRequestError'],
  [
    new LlmCacheError('ERR_LLM_CACHE_STORE', 'The file was written by a later version'),
    'The file was written by a later version',
  ],
  ['secret', 'string'],
])('of %s are told: %s', (error, words) => {
  expect(errorWords(error)).toBe(words)
})

test("of SQLite's error its code's own text is told, not what the statement held", () => {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE secrets (key UNIQUE); INSERT INTO secrets VALUES (1)')
  const fails = (): unknown => db.exec('INSERT INTO secrets VALUES (1)')
  expect(fails).toThrow(/secrets/)
  try {
    fails()
  } catch (error) {
    expect(errorWords(error)).toBe('constraint failed')
  }
  db.close()
})
