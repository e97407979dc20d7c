import { expect, test } from 'vitest'
import { type Head, SharedForms, toHeaderRecord, toRawHeaders } from '../../../lib/undici/head.ts'
import { HitHeads } from '../../../lib/replay/hit-heads.ts'
import { entryOf } from '../../support/entry-of.ts'

const HEADERS = ['Content-Type', 'application/json', 'Link', 'a', 'link', 'b', 'x-empty', '', 'x-latin', 'caf\u00e9']
const SEEN = { age: 1, ttl: 9, dialect: undefined, detail: undefined }

const MADE: Head = { status: 200, statusText: 'OK', headers: HEADERS }

test.each([
  ['repeated fields', HEADERS],
  ['no repeated field', HEADERS.slice(6)],
  ['no field at all', []],
])('shared forms give what fresh ones give: %s', (_title, headers) => {
  const forms = new SharedForms({ headers })
  for (const _caller of [1, 2]) {
    expect(forms.record()).toEqual(toHeaderRecord(headers))
    expect(forms.raw()).toEqual(toRawHeaders(headers))
    expect(forms.raw().map((one) => one.toString('latin1'))).toEqual(headers)
  }
})

test('what one caller does to its headers reaches no other caller', () => {
  const forms = new SharedForms({ headers: HEADERS })
  const record = forms.record()
  const raw = forms.raw()
  Object.assign(record, { 'x-own': '1', 'content-type': 'text/html' })
  for (const value of Object.values(record)) if (Array.isArray(value)) value.push('c')
  for (const bytes of raw.splice(0)) bytes.fill(0)
  expect(forms.record()).toEqual(toHeaderRecord(HEADERS))
  expect(forms.raw()).toEqual(toRawHeaders(HEADERS))
})

test('a head is known as long as nothing in it changes', () => {
  const heads = new HitHeads()
  const entry = entryOf({ headers: HEADERS })
  expect(heads.find(entry, SEEN)).toBeUndefined()
  const kept = heads.keep(entry, SEEN, MADE)
  expect(kept).toMatchObject(MADE)
  expect(heads.find(entry, { ...SEEN })).toBe(kept)
})

test.each([
  ['age', {}, { age: 2 }],
  ['time to live', {}, { ttl: 8 }],
  ['dialect', {}, { dialect: 'openrouter' }],
  ['note', {}, { detail: 'similarity' }],
  ['key', { key: 'b'.repeat(64) }, {}],
  ['headers', { headers: [...HEADERS] }, {}],
  ['status text', { statusText: 'Fine' }, {}],
])('with another %s it is not known', (_what, members, seen) => {
  const heads = new HitHeads()
  heads.keep(entryOf({ headers: HEADERS, statusText: 'OK' }), SEEN, MADE)
  const other = entryOf({ headers: HEADERS, statusText: 'OK', ...members })
  expect(heads.find(other, { ...SEEN, ...seen })).toBeUndefined()
})

test('no head is kept of what was cleared, and not of too many', () => {
  const heads = new HitHeads()
  const entry = entryOf({ headers: HEADERS })
  heads.keep(entry, SEEN, MADE)
  heads.clear()
  expect(heads.find(entry, SEEN)).toBeUndefined()
  heads.keep(entry, SEEN, MADE)
  for (let i = 0; i < 256; i++) heads.keep(entryOf({ headers: HEADERS, key: String(i) }), SEEN, MADE)
  expect(heads.find(entry, SEEN)).toBeUndefined()
})
