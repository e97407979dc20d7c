import { describe, expect, test, vi } from 'vitest'
import type { CassetteEntry } from '../../../lib/cassettes/entry.ts'
import {
  EntryLine,
  newHeader,
  readCassetteText,
  writeCassetteText,
  writeEntry,
} from '../../../lib/cassettes/file-format.ts'

const HEADER = newHeader('2026-01-01T00:00:00.000Z', '1.2.3')

function entry(place: Partial<CassetteEntry>): CassetteEntry {
  return {
    method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions',
    key: '0123456789abcdef',
    ordinal: 0,
    recordedAt: '2026-01-01T00:00:00.000Z',
    request: { headers: {}, json: { model: 'gpt-5' } },
    response: { status: 200, headers: {}, text: 'Hi' },
    ...place,
  }
}

describe('a cassette is written', () => {
  test('as a header line and a line an entry', () => {
    const text = writeCassetteText(HEADER, [EntryLine.of(entry({}))])
    expect(text.split('\n').map((line) => (line === '' ? '' : JSON.parse(line)))).toEqual([
      { cassette: 1, recordedAt: '2026-01-01T00:00:00.000Z', by: 'undici-llm-cache 1.2.3' },
      entry({}),
      '',
    ])
  })

  test('in the order of method, URL, key and ordinal, whatever was recorded first', () => {
    const entries = [
      entry({ ordinal: 10 }),
      entry({ ordinal: 9 }),
      entry({ key: '00' }),
      entry({ url: 'https://api.anthropic.com/v1/messages' }),
      entry({ method: 'GET', url: 'https://z.example.com/' }),
    ]
    const text = writeCassetteText(HEADER, entries.map(EntryLine.of))
    const written = readCassetteText(text, 'a.jsonl').lines.map((line) => line.read())
    expect(written).toEqual(entries.toReversed())
  })

  test('with lines as they were read: a save changes none that it has no reason to change', () => {
    const line = writeEntry(entry({})).replace('"text":"Hi"', '"text" : "Hi" ')
    const { lines } = readCassetteText(`${JSON.stringify(HEADER)}\n${line}\n`, 'a.jsonl')
    expect(writeCassetteText(HEADER, lines)).toBe(`${JSON.stringify(HEADER)}\n${line}\n`)
  })
})

describe('a cassette is read', () => {
  test('without parsing its entries, however many there are', () => {
    const entries = Array.from({ length: 1000 }, (_, at) => EntryLine.of(entry({ key: at.toString(16) })))
    const text = writeCassetteText(HEADER, entries)
    const parse = vi.spyOn(JSON, 'parse')
    const { lines } = readCassetteText(text, 'a.jsonl')
    const longest = Math.max(...parse.mock.calls.map(([text]) => text.length))
    parse.mockRestore()
    expect(lines).toHaveLength(1000)
    // Headers and URLs; an entry is many times as long.
    expect(longest).toBeLessThan(100)
  })

  test('with the line ends of Windows, and blank lines', () => {
    const text = writeCassetteText(HEADER, [EntryLine.of(entry({}))]).replaceAll('\n', '\r\n')
    expect(readCassetteText(`${text}\r\n\r\n`, 'a.jsonl').lines.map((line) => line.read())).toEqual([entry({})])
  })

  test('with the byte order mark that editors on Windows put first', () => {
    const text = writeCassetteText(HEADER, [EntryLine.of(entry({}))])
    expect(readCassetteText(`\uFEFF${text}`, 'a.jsonl').lines).toHaveLength(1)
  })

  test('where members stand in another order, as people write them', () => {
    const { method, ...rest } = entry({})
    const { lines } = readCassetteText(`${JSON.stringify(HEADER)}\n${JSON.stringify({ ...rest, method })}`, 'a.jsonl')
    expect(lines[0]).toMatchObject({ method: 'POST', key: '0123456789abcdef', ordinal: 0 })
  })

  test('as empty where the file is', () => {
    expect(readCassetteText('', 'a.jsonl')).toEqual({ header: undefined, lines: [] })
    expect(readCassetteText('\n', 'a.jsonl')).toEqual({ header: undefined, lines: [] })
  })
})

describe('what is no cassette is named by file and line, and never left out', () => {
  const good = writeEntry(entry({}))
  test.for([
    ['a merge conflict', [JSON.stringify(HEADER), good, '<<<<<<< HEAD', good], 'a.jsonl:3'],
    ['a merge conflict in the header', ['<<<<<<< HEAD', JSON.stringify(HEADER)], 'a.jsonl:1'],
    ['half a line', [JSON.stringify(HEADER), good.slice(0, 20)], 'a.jsonl:2'],
    ['another kind of file', ['[{"hash":"x"}]'], 'a.jsonl:1'],
  ] as const)('%s', ([, lines, place]) => {
    expect(() => readCassetteText(lines.join('\n'), 'a.jsonl')).toThrow(place)
  })

  test('a line that breaks off behind its name is found when it is read', () => {
    const { lines } = readCassetteText(`${JSON.stringify(HEADER)}\n${good.slice(0, -10)}\n`, 'a.jsonl')
    expect(() => lines[0]?.read()).toThrow('a.jsonl:2')
  })

  test('a file of a newer version', () => {
    expect(() => readCassetteText('{"cassette":2}', 'a.jsonl')).toThrow('a.jsonl was written by a newer version')
  })
})
