import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CanonicalRules, canonicalize, parseObject } from '../../../lib/key/canonical-json.ts'
import { parseFieldPath } from '../../../lib/key/field-paths.ts'
import { parseOrdered } from '../../../lib/key/ordered-places.ts'
import { object, respell, value } from './respell.ts'

const NO_RULES: CanonicalRules = { ordered: parseOrdered([]), ignore: [], falseIsAbsent: undefined }

function canonical(text: string, rules: Partial<CanonicalRules> = {}): string | undefined {
  const parsed = parseObject(text)
  return parsed === undefined ? undefined : canonicalize(text, parsed, { ...NO_RULES, ...rules })
}

describe('the canonical form of a body', () => {
  it('is the same for every spelling of one meaning', () => {
    fc.assert(
      fc.property(object, fc.gen(), (json, gen) => {
        const draw = (bound: number): number => gen(fc.nat, { max: bound - 1 })
        const form = canonical(respell(json, draw))
        expect(form).toBeDefined()
        expect(form).toBe(canonical(JSON.stringify(json)))
      }),
      { numRuns: 500 },
    )
  })

  it('is another for every other meaning', () => {
    fc.assert(
      fc.property(object, object, (left, right) => {
        const isSame = canonical(JSON.stringify(left)) === canonical(JSON.stringify(right))
        expect(isSame).toBe(isDeepStrictEqual(left, right))
      }),
      { numRuns: 500 },
    )
  })

  it('is another after any single change', () => {
    fc.assert(
      fc.property(object, fc.string(), value, (json, name, added) => {
        const changed = Object.fromEntries([...Object.entries(json), [name, added]])
        fc.pre(!isDeepStrictEqual(json, changed))
        expect(canonical(JSON.stringify(changed))).not.toBe(canonical(JSON.stringify(json)))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['property order', '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['white space', '{"a":[1,2]}', '{ "a" :\n[1,\t2] }'],
    ['1.0 and 1', '{"temperature":1.0}', '{"temperature":1}'],
    ['escapes', String.raw`{"a":"\u00e9\/"}`, '{"a":"é/"}'],
    ['exponents', '{"a":1e2}', '{"a":100}'],
    ['trailing zeros', '{"a":0.50}', '{"a":5e-1}'],
  ])('does not tell %s apart', (_, left, right) => {
    expect(canonical(left)).toBeDefined()
    expect(canonical(left)).toBe(canonical(right))
  })

  it.each([
    ['array order', '{"a":[1,2]}', '{"a":[2,1]}'],
    ['a number and its text', '{"a":1}', '{"a":"1"}'],
    ['null and absence', '{"a":null}', '{}'],
    ['0.1 and 0.10000000000000002', '{"a":0.1}', '{"a":0.10000000000000002}'],
    ['a member called __proto__', '{"__proto__":{"a":1}}', '{}'],
    ['members called __proto__', '{"__proto__":1}', '{"__proto__":2}'],
    ['a toJSON member', '{"a":{"toJSON":1}}', '{"a":{"toJSON":2}}'],
    ['upper and lower case', '{"a":"Python"}', '{"a":"python"}'],
    ['trailing blanks in text', '{"a":"x"}', '{"a":"x "}'],
    ['composed and decomposed letters', '{"a":"\u00e9"}', '{"a":"e\u0301"}'],
  ])('tells %s apart', (_, left, right) => {
    expect(canonical(left)).not.toBe(canonical(right))
  })

  it.each([
    ['an integer beyond 2^53', '{"seed":9007199254740993}'],
    ['a round integer beyond 2^53', '{"seed":100000000000000000000}'],
    ['a negative integer beyond -2^53', '{"seed":-9007199254740993}'],
    ['-0', '{"a":-0}'],
    ['-0.0', '{"a":-0.0e5}'],
    ['overflow', '{"a":1e999}'],
    ['a number of a million digits', `{"a":0.1${'0'.repeat(1_000_000)}1}`],
    ['underflow', '{"a":1e-999}'],
    ['more digits than a double has', '{"a":0.1000000000000000000001}'],
    ['duplicate names', '{"a":1,"a":1}'],
    ['duplicate names, one escaped', String.raw`{"a":1,"\u0061":2}`],
    ['an escape in a name', String.raw`{"x":1,"\u0048":2}`],
    ['a name that needs an escape', String.raw`{"x":1,"a\"b":2}`],
    ['nested duplicate names', '{"x":[{"a":1,"a":2}]}'],
    ['duplicate __proto__', '{"__proto__":1,"__proto__":2}'],
    ['a lone surrogate', String.raw`{"a":"\ud800"}`],
    ['a lone surrogate in a name', String.raw`{"\udc00":1}`],
    ['nesting of 300 levels', `{"a":${'['.repeat(300)}${']'.repeat(300)}}`],
    ['nesting of 100,000 levels', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('does not exist for %s', (_, text) => {
    expect(parseObject(text)).toBeDefined()
    expect(canonical(text)).toBeUndefined()
  })

  it('exists for names, colons, braces, escapes and digits inside of strings', () => {
    const json = { 'a:b': '{"a":1,"a":-0,[[[9007199254740993', c: '\\', d: ['"', '\\":', '":'], e: '\\"' }
    expect(canonical(JSON.stringify(json))).toBe(JSON.stringify(json))
  })

  it('keeps the order of properties in a schema, and of nothing else', () => {
    const rules = { ordered: parseOrdered(['tools[*].parameters']) }
    const body = (first: string, second: string): string =>
      `{"tools":[{${first},"parameters":{"type":"object","properties":{${second}}}}]}`
    const names = ['"a":{}', '"b":{}']
    const one = canonical(body('"type":"function","x":1', names.join(',')), rules)
    expect(canonical(body('"x":1,"type":"function"', names.join(' , ')), rules)).toBe(one)
    expect(canonical(body('"type":"function","x":1', names.toReversed().join(',')), rules)).not.toBe(one)
  })

  it('keeps the order of what has a name at any depth', () => {
    const rules = { ordered: parseOrdered(['**.schema', 'text.format']) }
    const tell = (left: string, right: string): boolean => canonical(left, rules) !== canonical(right, rules)
    expect(tell('{"schema":{"a":1,"b":1}}', '{"schema":{"b":1,"a":1}}')).toBe(true)
    expect(tell('{"x":[[{"schema":[{"a":1,"b":1}]}]]}', '{"x":[[{"schema":[{"b":1,"a":1}]}]]}')).toBe(true)
    expect(tell('{"schema":{"schema":{"a":1},"b":1}}', '{"schema":{"b":1,"schema":{"a":1}}}')).toBe(true)
    expect(tell('{"text":{"format":{"a":1,"b":1}}}', '{"text":{"format":{"b":1,"a":1}}}')).toBe(true)
    expect(tell('{"format":{"a":1,"b":1}}', '{"format":{"b":1,"a":1}}')).toBe(false)
    expect(tell('{"x":{"schema":1,"b":1}}', '{"x":{"b":1,"schema":1}}')).toBe(false)
    expect(canonical('{"x":{"schema":{"b":1,"2":1}}}', rules)).toBeUndefined()
  })

  it('does not exist where a parse moved the names of a schema', () => {
    const rules = { ordered: parseOrdered(['schema']) }
    expect(canonical('{"schema":{"b":1,"2":1}}', rules)).toBeUndefined()
    expect(canonical('{"other":{"b":1,"2":1}}', rules)).toBeDefined()
  })

  it('is not the same for a schema and for what looks like its envelope', () => {
    const rules = { ordered: parseOrdered(['schema']) }
    const forged = JSON.stringify({ schema: { '': '{"a":1}' } })
    expect(canonical('{"schema":{"a":1}}', rules)).not.toBe(canonical(forged, rules))
    const text = JSON.stringify({ schema: '{"a":1}' })
    expect(canonical('{"schema":{"a":1}}', rules)).not.toBe(canonical(text, rules))
  })

  it('leaves ignored members out, each item of an array included, and inside of schemas', () => {
    const rules = {
      ignore: ['user', 'metadata.trace', 'messages[*].id', 'schema.id'].map(parseFieldPath),
      ordered: parseOrdered(['schema']),
    }
    const one = canonical('{"messages":[{"id":1,"t":"x"},{"t":"y"}],"user":"a","metadata":{"trace":1,"b":2}}', rules)
    expect(one).toBe(canonical('{"messages":[{"t":"x"},{"id":[2],"t":"y"}],"metadata":{"b":2}}', rules))
    expect(one).not.toBe(canonical('{"messages":[{"t":"x"},{"t":"y"}],"metadata":{"b":3}}', rules))
    expect(canonical('{"schema":{"id":1,"b":1,"a":1}}', rules)).toBe(
      canonical('{"schema":{"b":1,"id":2,"a":1}}', rules),
    )
    expect(canonical('{"user":{"a":1}}', rules)).toBe(canonical('{}', rules))
  })

  it('takes `stream: false` for absent only where that is the default', () => {
    expect(canonical('{"stream":false}', { falseIsAbsent: 'stream' })).toBe(canonical('{}'))
    expect(canonical('{"stream":false}')).not.toBe(canonical('{}'))
    expect(canonical('{"stream":true}', { falseIsAbsent: 'stream' })).not.toBe(canonical('{}'))
    expect(canonical('{"a":{"stream":false}}', { falseIsAbsent: 'stream' })).not.toBe(canonical('{"a":{}}'))
  })
})

describe('parseObject', () => {
  it.each(['', '[]', '"text"', '1', 'null', '{', '{"a":1,}', "{'a':1}", '\uFEFF{}', '{"a":NaN}'])(
    'gives nothing for %j',
    (text) => expect(parseObject(text)).toBeUndefined(),
  )
})
