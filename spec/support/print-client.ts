import net from 'node:net'
import { openCassette } from '../../lib/cassette.ts'
import { type ClientUnderTest, keysOf, optionsAt } from './client.ts'

// node print-client.ts MODULE NAME ORIGIN CASSETTE: the keys of each call of a client, as a process of another Node makes them,
// and what each call gives its caller, replayed without a network and without a key of its own.
const [module = '', name = '', origin = '', path = ''] = process.argv.slice(2)
Object.defineProperty(process, 'version', { value: `${process.version}9` })
Object.defineProperty(process.versions, 'node', { value: `${process.versions.node}9` })

// A module of spec/clients exports clients only.
const exported = (await import(module)) as Readonly<Record<string, ClientUnderTest>>
const under = Object.values(exported).find((client) => client.name === name)
if (under === undefined) throw new Error(`${module} exports no client ${name}`)
const keys: Record<string, readonly string[]> = {}
for (const call of Object.keys(under.calls)) keys[call] = await keysOf(under, call, { apiKey: 'sk-one', origin })

net.Socket.prototype.connect = () => {
  throw new Error('This process has no network')
}
const { hosts = [], providers = [] } = optionsAt(under, origin)
const cassette = await openCassette(path, { mode: 'none', hosts, providers })
cassette.install()
const answers: Record<string, unknown> = {}
for (const [call, ask] of Object.entries(under.calls)) answers[call] = await ask({ apiKey: 'dummy', origin })
await cassette.close()
console.log(JSON.stringify({ keys, answers, unused: cassette.unused() }))
