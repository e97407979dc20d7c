import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import fs, { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { changeFile, readIfThere } from '../../../lib/cassettes/file.ts'
import { cassettePath } from '../../support/cassette.ts'

const support = (name: string): string => new URL(`../../support/${name}`, import.meta.url).pathname

test('a file is changed as a whole, and nothing is left beside it', async () => {
  const path = cassettePath()
  changeFile(path, (text) => `${text ?? 'new'}\n`)
  changeFile(path, (text) => `${text}more\n`)
  expect(readIfThere(path)).toBe('new\nmore\n')
  expect(await readdir(dirname(path))).toHaveLength(1)
})

test('a process that is killed while it saves leaves the old file whole, and the next one saves', async () => {
  const path = cassettePath()
  writeFileSync(path, 'old\n')
  await expect(promisify(execFile)(process.execPath, [support('save-and-be-killed.ts'), path])).rejects.toMatchObject({
    signal: 'SIGKILL',
  })
  expect(readFileSync(path, 'utf8')).toBe('old\n')
  expect(existsSync(`${path}.lock`)).toBe(true)
  changeFile(path, (text) => `${text}next\n`)
  expect(readFileSync(path, 'utf8')).toBe('old\nnext\n')
})

test('a change that throws leaves the old file whole', async () => {
  const path = cassettePath()
  writeFileSync(path, 'old\n')
  const thrown = new Error('no')
  expect(() =>
    changeFile(path, () => {
      throw thrown
    }),
  ).toThrow(thrown)
  expect(readFileSync(path, 'utf8')).toBe('old\n')
  expect(await readdir(dirname(path))).toHaveLength(1)
})

test('a lock that is older than any save is taken over', () => {
  const path = cassettePath()
  writeFileSync(`${path}.lock`, '')
  utimesSync(`${path}.lock`, 1, 1)
  changeFile(path, () => 'saved\n')
  expect(readFileSync(path, 'utf8')).toBe('saved\n')
})

test('processes that change one file at the same time lose nothing', async () => {
  const path = cassettePath()
  const writers = Array.from({ length: 4 }, (_, at) => fork(support('append-lines.ts'), [path, `writer-${at}`, '25']))
  const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]))
  expect(codes).toEqual([0, 0, 0, 0])
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  expect(new Set(lines).size).toBe(100)
})

test("Node's errors are known by their code in a sandbox too, where they are of another realm", async () => {
  vi.spyOn(fs, 'readFileSync').mockImplementation(() => {
    // What a vm context sees of an error that Node itself throws.
    throw Object.assign(Object.create(null), { code: 'ENOENT' })
  })
  expect(readIfThere(cassettePath())).toBeUndefined()
  vi.restoreAllMocks()
})
