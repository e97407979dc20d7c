import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sqliteStore, type SqliteStoreOptions } from '../../../../lib/stores/sqlite.ts'
import { makeFolder } from '../../../support/run-node.ts'
import { describeStore } from '../describe-store.ts'

describeStore('sqliteStore', async () => sqliteStore({ path: join(await makeFolder({}), 'cache.db') }))

describe('options of sqliteStore', () => {
  test.each<[object, RegExp]>([
    [{}, /^sqliteStore\.path must be the path of a file, not undefined$/],
    [{ path: '' }, /^sqliteStore\.path must be the path of a file, not ""$/],
    [{ path: ':memory:' }, /^sqliteStore\.path must be/],
    [{ path: new URL('https://example.com/cache.db') }, /^sqliteStore\.path must be/],
    [{ path: 'a.db', maxSize: 1000 }, /^sqliteStore\.maxSize must be an integer from 1048576/],
    [{ path: 'a.db', encryption: 'aes' }, /^sqliteStore\.encryption must be/],
    [{ path: 'a.db', size: 1 }, /^sqliteStore\.size does not exist; the nearest name is/],
  ])('throw a TypeError that names what is wrong: %o', (options, message) => {
    const open = (): unknown => sqliteStore(options as unknown as SqliteStoreOptions)
    expect(open).toThrow(TypeError)
    expect(open).toThrow(message)
  })

  test('take a file URL, and touch no file before the first use', async () => {
    const path = join(await makeFolder({}), 'not', 'there', 'cache.db')
    const store = sqliteStore({ path: pathToFileURL(path) })
    expect(await store.get('a')).toBeUndefined()
    await store.close()
  })
})
