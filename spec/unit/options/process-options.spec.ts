import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readProcessOptions } from '../../../lib/options/process-options.ts'

/** What the options are in a folder with one config file. */
async function read(
  name: string,
  text: string,
  variables: Record<string, string> = {},
): Promise<{ options: object; problems: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-cache-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), text)
  return readProcessOptions({ LLM_CACHE_CONFIG: name, ...variables }, folder)
}

test.each([
  ['options.json', '{ "ttl": 60 }'],
  ['options.cjs', 'module.exports = { ttl: 60 }'],
  ['options.mjs', 'export default { ttl: 60 }'],
  ['options.mts', 'const ttl: number = 60\nexport default { ttl }'],
  ['options.cts', 'module.exports = { ttl: 60 as number }'],
])('%s sets options', async (name, text) => {
  expect(await read(name, text)).toMatchObject({ options: { ttl: 60 }, problems: [] })
})

test('a variable is nearer than the file', async () => {
  const { options } = await read('options.json', '{ "ttl": 60, "policy": "opt-in" }', { LLM_CACHE_TTL: '5' })
  expect(options).toEqual({ ttl: 5, policy: 'opt-in' })
})

test('a store of the file gives way to the one that a variable names, memory too', async () => {
  const gone = `() => { throw new Error('gone') }`
  const members = ['get', 'set', 'delete', 'clear', 'entries', 'close'].map((name) => `${name}: ${gone}`)
  const text = `module.exports = { store: { ${members.join()} } }`
  expect((await read('options.cjs', text)).options).toHaveProperty('store')
  expect((await read('options.cjs', text, { LLM_CACHE_STORE: 'memory' })).options).toEqual({})
})

test('the namespace holds for every call that no rule of the file gives another', async () => {
  const rules = '[{ "match": { "model": "a*" }, "namespace": "a" }, { "match": { "model": "b*" }, "ttl": 5 }]'
  const { options } = await read('options.json', `{ "rules": ${rules} }`, { LLM_CACHE_NAMESPACE: 'v2' })
  expect(options).toEqual({
    rules: [
      { match: { model: 'a*' }, namespace: 'a' },
      { match: { model: 'b*' }, namespace: 'v2', ttl: 5 },
      { match: {}, namespace: 'v2' },
    ],
  })
})

test('a wrong option is named without its value, and the others hold', async () => {
  const { options, problems } = await read('options.json', '{ "ttl": "sk-secret", "tll": 1, "maxSize": 5 }')
  expect(options).toEqual({ maxSize: 5 })
  expect(problems).toEqual([
    'LLM_CACHE_CONFIG: options.ttl must be an integer from 1 to 2592000',
    'LLM_CACHE_CONFIG: options.tll does not exist; the nearest name is ttl',
  ])
})

test.each([
  ['a list', 'options.json', '[1]', 'must export an object'],
  ['broken JSON', 'options.json', '{ "sk-secret', 'names a file that can not be loaded (SyntaxError)'],
  ['a throwing module', 'options.cjs', 'throw new RangeError("sk-secret")', 'can not be loaded (RangeError)'],
  ['a throw of no error', 'options.cjs', 'throw undefined', 'can not be loaded'],
  ['a top-level await', 'options.mjs', 'export default await { ttl: 1 }', 'must be a module without a top-level await'],
  ['a missing file', 'other.json', '{}', 'names a file that does not exist'],
])('%s is one line', async (_what, name, text, expected) => {
  const { options, problems } = await read(name, text, { LLM_CACHE_CONFIG: name === 'other.json' ? 'no.json' : name })
  expect(options).toEqual({})
  expect(problems).toEqual([
    expect.stringContaining(`LLM_CACHE_CONFIG ${expected.startsWith('can') ? 'names a file that ' : ''}${expected}`),
  ])
  expect(problems[0]).not.toContain('secret')
})

test('LLM_CACHE=off loads no file', async () => {
  const { problems } = await read('options.cjs', 'throw 1', { LLM_CACHE: 'off' })
  expect(problems).toEqual([])
})
