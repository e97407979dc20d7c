import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installCache } from './cache.ts'
import { cassettePath, withCassette } from './cassette.ts'
import { type ClientUnderTest, keysOf, optionsAt } from './client.ts'
import { USE_PACKAGE } from './package.ts'
import { runNode } from './run-node.ts'
import type { Printed, PrintedClient } from './print-client.ts'
import type { Provider } from './provider.ts'
import { startNetwork } from './start-network.ts'
import { startProvider } from './start-provider.ts'

/** The clients of one module. */
type Clients = readonly [ClientUnderTest, ...ClientUnderTest[]]

/** What holds for every client: the second call is the first one again and never reaches the provider. */
export function describeClient(...clients: Clients): void {
  describe.for(clients)('$name', (under) => {
    describe.for(Object.entries(under.calls))('%s', ([name, call]) => {
      test('is answered from memory the second time, at the real host', async () => {
        const network = startNetwork()
        const cache = installCache()
        const first = await call({ apiKey: 'sk-one' })
        expect(await call({ apiKey: 'sk-one' })).toEqual(first)
        expect(network.calls).toHaveLength(1)
        expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, stores: 1, bypasses: {}, refusals: {} })
      })

      test('is answered from memory the second time, over a socket', async () => {
        const { calls, origin } = await startProvider()
        installCache(optionsAt(under, origin))
        const first = await call({ apiKey: 'sk-one', origin })
        expect(await call({ apiKey: 'sk-one', origin })).toEqual(first)
        expect(calls).toHaveLength(1)
      })

      test('is a miss with another API key', async () => {
        const network = startNetwork()
        const cache = installCache()
        await call({ apiKey: 'sk-one' })
        await call({ apiKey: 'sk-two' })
        expect(network.calls).toHaveLength(2)
        expect(cache.stats()).toMatchObject({ misses: 2, hits: 0, stores: 2 })
      })

      describeRetry(under, name)
    })
  })
  describeProcesses(...clients)
}

/** The retry of an SDK asks for the same answer, whatever it says of itself. */
export function describeRetry(under: ClientUnderTest, name: string): void {
  test.skipIf(under.retries === false)('asks under the same key when the SDK tries again', async () => {
    const { calls, origin, script } = await startProvider()
    // 503: together-ai takes a 500 for final.
    script({ status: 503, headers: { 'retry-after-ms': '1' } })
    const keys = await keysOf(under, name, { apiKey: 'sk-one', origin, retries: 1 })
    expect(calls).toHaveLength(2)
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), keys[0]])
  })
}

/** A process started anew, by another Node and as another deployment, finds what this one has stored. */
export function describeProcesses(...clients: Clients): void {
  test('asks under the same keys in another process, and is answered there by a cassette, streams too', async () => {
    const recorded: Recorded[] = []
    for (const under of clients) recorded.push(await record(under))
    const asked = recorded.map(({ provider }) => provider.calls.length)
    expect(await printElsewhere(clients[0].module, recorded)).toEqual(recorded.map(({ printed }) => printed))
    for (const [at, { provider, printed }] of recorded.entries()) {
      expect(provider.calls.length - (asked[at] ?? 0)).toBe(Object.keys(printed.keys).length)
    }
  })
}

/** What one client asked for in this process, and where its answers are. */
interface Recorded extends PrintedClient {
  readonly provider: Provider
  readonly printed: Printed
}

async function record(under: ClientUnderTest): Promise<Recorded> {
  const provider = await startProvider()
  const { origin } = provider
  const keys: Record<string, readonly string[]> = {}
  for (const name of Object.keys(under.calls)) keys[name] = await keysOf(under, name, { apiKey: 'sk-one', origin })
  for (const one of Object.values(keys)) expect(one).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  const cassette = cassettePath()
  const { hosts = [], providers = [] } = optionsAt(under, origin)
  const answers = await withCassette(cassette, { mode: 'once', hosts, providers }, () => answersOf(under, origin))
  return { name: under.name, origin, cassette, provider, printed: { keys, answers, unused: [] } }
}

/** What each call gives its caller, as JSON. */
async function answersOf(under: ClientUnderTest, origin: string): Promise<unknown> {
  const answers: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(under.calls)) answers[name] = await ask({ apiKey: 'sk-one', origin })
  return JSON.parse(JSON.stringify(answers))
}

/** What platforms tell a process of the deployment that it is part of, and SDKs tell on. */
const DEPLOYMENT = {
  VERCEL: '1',
  VERCEL_ENV: 'preview',
  VERCEL_REGION: 'fra1',
  VERCEL_PROJECT_ID: 'prj_other',
  VERCEL_DEPLOYMENT_ID: 'dpl_other',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'other',
  _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  TZ: 'Asia/Tokyo',
}

const PRINT = fileURLToPath(new URL('print-client.ts', import.meta.url))

/** What the clients of a module get in a process of their own, which all of them share: SDKs take a second to load. */
async function printElsewhere(module: string, clients: readonly PrintedClient[]): Promise<unknown> {
  const list = clients.map(({ name, origin, cassette }) => ({ name, origin, cassette }))
  const { code, stdout, stderr } = await runNode([...USE_PACKAGE, PRINT, module, JSON.stringify(list)], {
    env: DEPLOYMENT,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}
