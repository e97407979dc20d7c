import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import { parseFieldPath } from '../../../lib/key/field-paths.ts'
import { parseOrdered } from '../../../lib/key/ordered-places.ts'

describe('parseFieldPath', () => {
  it.each([
    ['user', ['user']],
    ['metadata.trace', ['metadata', 'trace']],
    ['messages[*].id', ['messages', null, 'id']],
    ['a[*][*].b-c', ['a', null, null, 'b-c']],
  ])('reads %s', (path, steps) => {
    expect(parseFieldPath(path)).toEqual(steps)
  })

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a[0]', 'a[*]', '[*].a', 'a[*', 'a[*]b', 'a]'])(
    'refuses %j, naming it',
    (path) => {
      expect(() => parseFieldPath(path)).toThrow(TypeError)
      expect(() => parseFieldPath(path)).toThrow(JSON.stringify(path))
    },
  )

  it('reads the places of every format', () => {
    const formats = new Set(PROVIDERS.flatMap((row) => row.endpoints.map((endpoint) => endpoint.format)))
    for (const { ordered, volatile = [] } of formats) {
      const { names, paths } = parseOrdered(ordered)
      for (const name of names) expect(name).toMatch(/^\w+$/)
      for (const path of [...paths, ...volatile.map(parseFieldPath)]) expect(path.length).toBeGreaterThan(0)
    }
  })
})
