import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createScope, type ScopeDirectives } from '../../../lib/controls/scope.ts'

describe('createScope', () => {
  it('says nothing outside a scope', () => {
    const scope = createScope()
    scope.run({ mode: 'refresh' }, () => {})
    expect(scope.current()).toEqual({})
  })

  it('returns what the function returns, and lets its error through', async () => {
    const scope = createScope()
    const error = new Error('mine')
    expect(scope.run({ ttl: 5 }, () => 'x')).toBe('x')
    await expect(scope.run({}, () => Promise.resolve(7))).resolves.toBe(7)
    expect(() => scope.run({}, () => { throw error })).toThrow(error) // prettier-ignore
    expect(scope.current()).toEqual({})
  })

  it('merges nested scopes, the inner one winning member by member', () => {
    const scope = createScope()
    scope.run({ mode: 'on', ttl: 5, namespace: 'outer', tags: ['a'] }, () => {
      scope.run({ ttl: 7, namespace: undefined, variant: 2, tags: ['b'] }, () => {
        expect(scope.current()).toEqual({ mode: 'on', ttl: 7, namespace: 'outer', variant: 2, tags: ['b'] })
      })
      expect(scope.current()).toEqual({ mode: 'on', ttl: 5, namespace: 'outer', tags: ['a'] })
    })
  })

  it('does not leak between parallel scopes', async () => {
    const scope = createScope()
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, variant) =>
        scope.run({ variant }, async () => {
          await setImmediate()
          await Promise.resolve()
          if (variant % 2 === 0) await setImmediate()
          return scope.current().variant
        }),
      ),
    )
    expect(seen).toEqual(Array.from({ length: 50 }, (_, variant) => variant))
  })

  it('reaches a stream that is read after the function returned', async () => {
    const scope = createScope()
    const events = scope.run(
      { namespace: 'late' },
      () =>
        new ReadableStream<string>({
          async start(controller) {
            await setImmediate()
            controller.enqueue(scope.current().namespace ?? 'none')
            controller.close()
          },
        }),
    )
    expect(await events.getReader().read()).toEqual({ done: false, value: 'late' })
  })

  it("keeps two caches' scopes apart", () => {
    const one = createScope()
    const other = createScope()
    one.run({ ttl: 5 }, () => expect(other.current()).toEqual({}))
  })

  it('is not changed by a caller who changes the object afterwards', () => {
    const scope = createScope()
    const directives = { tags: ['a'], ttl: 5 }
    scope.run(directives, () => {
      directives.ttl = 6
      directives.tags.push('b')
      expect(scope.current()).toEqual({ tags: ['a'], ttl: 5 })
    })
  })

  const wrong: readonly (readonly [directives: unknown, message: RegExp])[] = [
    [undefined, /^directives must be an object, not undefined$/],
    ['sk-secret', /^directives must be an object, not "sk-secret"$/],
    [{ modes: 'on' }, /^directives\.modes does not exist; the nearest name is mode$/],
    [{ mode: 'off' }, /^directives\.mode must be 'on' or 'bypass' or .*, not "off"$/],
    [{ ttl: -1 }, /^directives\.ttl must be an integer from 0 to 2592000, not -1$/],
    [{ ttl: NaN }, /not NaN$/],
    [{ ttl: 2_592_001 }, /^directives\.ttl must be/],
    [{ ttl: '5' }, /^directives\.ttl must be/],
    [{ namespace: '' }, /^directives\.namespace must be a string of 1 to 256 characters/],
    [{ namespace: null }, /^directives\.namespace must be .*, not null$/],
    [{ namespace: 'n'.repeat(257) }, /not a string of 257 characters$/],
    [{ tags: 'a' }, /^directives\.tags must be an array of strings/],
    [{ tags: [''] }, /^directives\.tags\[0\] must be/],
    [{ variant: -1 }, /^directives\.variant must be/],
    [{ variant: 1.5 }, /^directives\.variant must be/],
    [{ samples: 0 }, /^directives\.samples must be/],
    [{ hosted: 'on' }, /^directives\.hosted must be 'bypass' or 'cache', not "on"$/],
    [{ retryAware: 1 }, /^directives\.retryAware must be true or false, not 1$/],
  ]
  it.each(wrong)('refuses %j', (directives, message) => {
    const scope = createScope()
    const run = () => scope.run(directives as ScopeDirectives, () => 'ran') // JavaScript callers can pass anything
    expect(run).toThrow(TypeError)
    expect(run).toThrow(message)
  })

  it('never shows a text of the caller in an error', () => {
    const scope = createScope()
    const run = () => scope.run({ namespace: `sk-secret${'x'.repeat(300)}` }, () => 'ran')
    expect(run).toThrow(/^(?!.*sk-secret)/s)
  })
})
