import { type RunnerTestCase, test as base, type TestAPI, TestRunner } from 'vitest'
import { memberOf } from './base/check.ts'
import type { Cassette } from './cassettes/cassette.ts'
import { TestCassettes } from './cassettes/test-cassettes.ts'
import { testPath } from './cassettes/test-path.ts'
import { type OpenCassetteOptions, resolveCassetteOptions } from './options/cassette-options.ts'

/** What `test` hands to a test beside vitest's own context. */
export interface CassetteFixtures {
  /** The cassette of this test, installed already. It is closed after the test; of a test that failed, discarded. */
  cassette: Cassette
  /** Options for the cassettes of a file or a suite: `test.override({ cassetteOptions: { … } })`. */
  cassetteOptions: OpenCassetteOptions
}

// A worker runs its files one after the other; the calls of tests that run at once are told apart by their async
// context.
const cassettes = new TestCassettes()

const REMEDY = '`vitest -u` records it again.'

const plain = base.extend<CassetteFixtures>({
  cassetteOptions: {},
  cassette: [
    async ({ task, cassetteOptions }, use) => {
      const cassette = cassettes.open(testPath(task), resolveCassetteOptions(updated(cassetteOptions)), REMEDY)
      await use(cassette)
      if (hasFailed(task)) cassette.discard()
      await cassette.close()
    },
    { auto: true },
  ],
})

/**
 * vitest's `test` with a cassette for each test, in a file of its own:
 * `__cassettes__/chat.spec.ts/answers-a-question.jsonl` beside the spec. For `test.concurrent` too. `vitest -u` records
 * again and removes what is no longer used; a test that fails saves nothing new.
 */
export const test: TestAPI<CassetteFixtures> = contextual(plain)

/** The same by its other name. */
export const it: TestAPI<CassetteFixtures> = test

/** `vitest -u` means here what it means for snapshots. No public member of vitest tells it. */
function updated(options: OpenCassetteOptions): OpenCassetteOptions {
  const worker: unknown = Reflect.get(globalThis, '__vitest_worker__')
  const update = memberOf(memberOf(memberOf(worker, 'config'), 'snapshotOptions'), 'updateSnapshot')
  return update !== 'all' || options.mode === 'off' ? options : { ...options, mode: 'all', prune: true }
}

/** `test.fails` passes by failing. */
function hasFailed({ result, fails = false }: RunnerTestCase): boolean {
  return (result?.state === 'fail') !== fails
}

/** Suites that have the hook, and for which file: the outermost suite is one object for all files of a worker. */
const hooked = new WeakMap<object, unknown>()

/**
 * Sees to it that the tests of the suite that is being collected run in the async context of their cassette. A fixture
 * can't do that: it is made beside a test, not around it.
 */
function hook(): void {
  if (TestRunner.getCurrentTest() !== undefined) return
  const suite = TestRunner.getCurrentSuite()
  if (hooked.has(suite) && hooked.get(suite) === suite.file) return
  hooked.set(suite, suite.file)
  plain.aroundEach((run, { cassette }) => cassettes.run(cassette, run))
}

/**
 * A `test` that puts the hook in place wherever it is used. Importing this module can't: with `isolate: false` it is
 * imported by the first file alone.
 */
function contextual<Test extends object>(test: Test): Test {
  return new Proxy(test, {
    apply(target, self, args) {
      hook()
      // A test is callable.
      return Reflect.apply(target as () => unknown, self, args)
    },
    get(target, name) {
      hook()
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'extend' || typeof value !== 'function') return value
      return (...fixtures: unknown[]): unknown => contextual(Reflect.apply(value, target, fixtures))
    },
  })
}
