import { type RunnerTestCase, test as base, type TestAPI, TestRunner } from 'vitest'
import { memberOf } from './base/check.ts'
import type { Cassette } from './cassettes/cassette.ts'
import { TestCassettes } from './cassettes/test-cassettes.ts'
import { testPath } from './cassettes/test-path.ts'
import { type OpenCassetteOptions, resolveCassetteOptions } from './options/cassette-options.ts'

/** The fixtures that `test` adds to vitest's own context. */
export interface CassetteFixtures {
  /** The test's cassette, already installed. Closed after the test; discarded if the test failed. */
  cassette: Cassette
  /** Options for the cassettes of a file or a suite: `test.override({ cassetteOptions: { … } })`. */
  cassetteOptions: OpenCassetteOptions
}

// A worker runs its files one after the other; calls of concurrent tests are distinguished by their async context.
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
 * vitest's `test` with a cassette for each test, in its own file: `__cassettes__/chat.spec.ts/answers-a-question.jsonl`
 * beside the spec. Works with `test.concurrent`. `vitest -u` records again and removes unused entries; a failing test
 * saves nothing new.
 */
export const test: TestAPI<CassetteFixtures> = contextual(plain)

/** Alias of `test`. */
export const it: TestAPI<CassetteFixtures> = test

/** `vitest -u` has the same meaning as for snapshots. vitest has no public member for it. */
function updated(options: OpenCassetteOptions): OpenCassetteOptions {
  const worker: unknown = Reflect.get(globalThis, '__vitest_worker__')
  const update = memberOf(memberOf(memberOf(worker, 'config'), 'snapshotOptions'), 'updateSnapshot')
  return update !== 'all' || options.mode === 'off' ? options : { ...options, mode: 'all', prune: true }
}

/** `test.fails` passes by failing. */
function hasFailed({ result, fails = false }: RunnerTestCase): boolean {
  return (result?.state === 'fail') !== fails
}

/** Suites that have the hook, with the file: the outermost suite is one object for all files of a worker. */
const hooked = new WeakMap<object, unknown>()

/**
 * Makes the tests of the suite that is being collected run in the async context of their cassette. A fixture can't do
 * that, since it is set up beside a test, not around it.
 */
function hook(): void {
  if (TestRunner.getCurrentTest() !== undefined) return
  const suite = TestRunner.getCurrentSuite()
  if (hooked.has(suite) && hooked.get(suite) === suite.file) return
  hooked.set(suite, suite.file)
  plain.aroundEach((run, { cassette }) => cassettes.run(cassette, run))
}

/**
 * A `test` that sets up the hook wherever it is used. Importing this module is not enough: with `isolate: false` only
 * the first file imports it.
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
