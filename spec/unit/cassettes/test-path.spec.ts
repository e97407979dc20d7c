import { describe, expect, test } from 'vitest'
import { type TestInFile, type TestNode, testPath } from '../../../lib/cassettes/test-path.ts'

/** Tests of one file by the names of their suites and their own. */
function tests(...names: string[][]): TestInFile[] {
  const tasks: TestNode[] = []
  const file = { filepath: '/app/chat.spec.ts', tasks }
  return names.map((path) => {
    const suite = path.slice(0, -1).reduce<TestNode | undefined>((suite, name) => ({ name, suite }), undefined)
    const test = { name: path.at(-1) ?? '', suite, file }
    tasks.push(test)
    return test
  })
}

const pathsOf = (...names: string[][]): string[] => tests(...names).map(testPath)

test('a cassette lies beside its spec, in a folder of its own', () => {
  expect(pathsOf(['the chat', 'answers a question'])).toEqual([
    '/app/__cassettes__/chat.spec.ts/the-chat-answers-a-question.jsonl',
  ])
})

describe('its name', () => {
  const nameOf = (name: string): string => (pathsOf([name])[0] ?? '').replace(/^.*\//, '')

  test('keeps letters of every script, and nothing that a file system takes amiss', () => {
    expect(nameOf('答えは「42」ですか?')).toBe('答えは-42-ですか.jsonl')
    expect(nameOf('../../etc: a\\b|c*')).toBe('etc-a-b-c.jsonl')
  })

  test('is a digest where no letter is left', () => {
    expect(nameOf('???')).toMatch(/^[0-9a-f]{8}\.jsonl$/)
  })

  test('is cut where it is long, and still its own', () => {
    const long = 'word '.repeat(60)
    expect(nameOf(`${long} one`).length).toBeLessThan(120)
    expect(nameOf(`${long} one`)).not.toBe(nameOf(`${long} two`))
  })

  test('is numbered where several tests would have it', () => {
    const names = pathsOf(['asks'], ['suite', 'asks'], ['Asks!'], ['asks']).map((path) => path.replace(/^.*\//, ''))
    expect(names).toEqual(['asks.jsonl', 'suite-asks.jsonl', 'Asks-2.jsonl', 'asks-3.jsonl'])
  })
})
