import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const lib = new URL('../../../lib/stores/', import.meta.url).href

test('a large answer that is sealed and on its way at the end of the process is not sealed again', async () => {
  const app = `
    import { CALLER, makeEntry } from '${lib}contract/example-entry.ts'
    import { sealedStore } from '${lib}seal.ts'
    const written = Promise.withResolvers()
    const never = new Promise(() => {})
    const records = { write: ({ payload }) => (console.log(typeof payload), written.resolve(), never), flushSync: () => console.log('flushed') }
    const body = new Uint8Array(3 * 1024 * 1024)
    void sealedStore(records, 'credential').set(makeEntry({ body, size: body.length, ends: new Uint32Array() }), CALLER)
    await written.promise
    process.exit()`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', app])
  expect([stdout, stderr]).toEqual(['object\nflushed\n', ''])
})
