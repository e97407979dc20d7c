import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import { parseFieldPath } from '../../../lib/key/field-paths.ts'

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

  it('reads the schema paths of every format', () => {
    const paths = PROVIDERS.flatMap((row) => row.endpoints.flatMap((endpoint) => endpoint.format.schemas))
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) expect(parseFieldPath(path).length).toBeGreaterThan(0)
  })
})
