import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Imports, importsOf, problemsOf } from './support/layout.ts'

const LIB = new URL('../lib/', import.meta.url)
const PAGE = await readFile(new URL('README.md', LIB), 'utf8')

/** The rooms of lib, from the doors down to the ground: the list in lib/README.md, which says what each is for. */
function readFloors(): string[][] {
  const [, list = ''] = /^## Floors$.*?^```$(.*?)^```$/ms.exec(PAGE) ?? []
  return list
    .trim()
    .split('\n')
    .map((line) => line.replace(/ {2,}.*/, '').split(' '))
}

async function readLib(): Promise<Imports> {
  const files = (await readdir(LIB, { recursive: true })).filter((file) => /(?<!\.config)\.ts$/.test(file))
  const read = files.map(async (file) => [file, importsOf(file, await readFile(new URL(file, LIB), 'utf8'))] as const)
  return new Map(await Promise.all(read))
}

test('every file of lib imports downstairs only, and no two files need each other', async () => {
  const imports = await readLib()
  expect([...imports.values()].flat().length).toBeGreaterThan(imports.size)
  expect(problemsOf(imports, readFloors())).toEqual([])
})

test('every file that lib/README.md names is there', async () => {
  const files = new Set(await readdir(LIB, { recursive: true }))
  const named = [...PAGE.matchAll(/`([a-z-]+(?:\/[a-z-]+)*(?:\.ts|\/))`/g)].map(([, path = '']) =>
    path.replace(/\/$/, ''),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !files.has(path))).toEqual([])
})

describe('the rule of imports', () => {
  const floors = [['door.ts'], ['upper'], ['left', 'right']]
  const problems = (files: Record<string, string[]>): string[] => problemsOf(new Map(Object.entries(files)), floors)

  test('lets a file import its own room and those below', () => {
    expect(problems({ 'door.ts': ['upper/a.ts'], 'upper/a.ts': ['upper/deep/b.ts', 'left/c.ts'] })).toEqual([])
  })

  test('finds an import upstairs', () => {
    expect(problems({ 'left/a.ts': ['upper/b.ts'] })).toEqual(['left/a.ts imports upper/b.ts, which is not below it'])
  })

  test('finds an import from one room to another on its floor', () => {
    expect(problems({ 'left/a.ts': ['right/b.ts'] })).toEqual(['left/a.ts imports right/b.ts, which is not below it'])
  })

  test('finds a circle of files inside one room', () => {
    const files = { 'left/a.ts': ['left/b.ts'], 'left/b.ts': ['left/c.ts'], 'left/c.ts': ['left/a.ts'] }
    expect(problems(files)).toEqual(['left/a.ts → left/b.ts → left/c.ts → left/a.ts'])
  })

  test('finds a room that is not in the list', () => {
    expect(problems({ 'attic/a.ts': [] })).toEqual(['attic/a.ts is in no room of the list'])
  })

  test('reads every way to import a file', () => {
    const code = `
      import type { A } from './a.ts'
      import {
        b,
      } from '../other/b.ts'
      import './c.ts'
      export { d } from './d.ts'
      const e = await import('./e.ts')
      type F = import('./f.ts').F
      import { readFile } from 'node:fs/promises'
    `
    const found = ['room/a.ts', 'other/b.ts', 'room/c.ts', 'room/d.ts', 'room/e.ts', 'room/f.ts']
    expect(importsOf('room/file.ts', code)).toEqual(found)
  })
})
