import net from 'node:net'
import { openCassette } from '../../lib/cassette.ts'
import { type ClientUnderTest, keysOf, optionsAt } from './client.ts'

/** One client of the module, and where its calls go and its answers are. */
export interface PrintedClient {
  readonly name: string
  readonly origin: string
  readonly cassette: string
}

/** What one client gave. */
export interface Printed {
  readonly keys: Readonly<Record<string, readonly string[]>>
  readonly answers: unknown
  /** Entries of the cassette that no call asked for. */
  readonly unused: readonly unknown[]
}

// node print-client.ts MODULE CLIENTS: the keys of each call of these clients, as a process of another Node makes them, and
// what each call gives its caller, replayed without a network and without a key of its own.
const [module = '', list = '[]'] = process.argv.slice(2)
Object.defineProperty(process, 'version', { value: `${process.version}9` })
Object.defineProperty(process.versions, 'node', { value: `${process.versions.node}9` })

// A module of spec/clients exports clients only.
const exported = Object.values((await import(module)) as Readonly<Record<string, ClientUnderTest>>)
const clients: readonly PrintedClient[] = JSON.parse(list)

const keys: Printed['keys'][] = []
for (const client of clients) keys.push(await keysOfAll(client))
net.Socket.prototype.connect = () => {
  throw new Error('This process has no network')
}
const printed: Printed[] = []
for (const [at, client] of clients.entries()) printed.push({ keys: keys[at] ?? {}, ...(await replay(client)) })
console.log(JSON.stringify(printed))

function named(name: string): ClientUnderTest {
  const under = exported.find((client) => client.name === name)
  if (under === undefined) throw new Error(`${module} exports no client ${name}`)
  return under
}

async function keysOfAll({ name, origin }: PrintedClient): Promise<Printed['keys']> {
  const under = named(name)
  const keys: Record<string, readonly string[]> = {}
  for (const call of Object.keys(under.calls)) keys[call] = await keysOf(under, call, { apiKey: 'sk-one', origin })
  return keys
}

async function replay({ name, origin, cassette: path }: PrintedClient): Promise<Omit<Printed, 'keys'>> {
  const under = named(name)
  const { hosts = [], providers = [] } = optionsAt(under, origin)
  const cassette = await openCassette(path, { mode: 'none', hosts, providers })
  const uninstall = cassette.install()
  const answers: Record<string, unknown> = {}
  for (const [call, ask] of Object.entries(under.calls)) answers[call] = await ask({ apiKey: 'dummy', origin })
  uninstall()
  await cassette.close()
  return { answers, unused: cassette.unused() }
}
