import net from 'node:net'
import { openCassette } from '../../lib/cassette.ts'
import { type ClientUnderTest, optionsAt } from './client.ts'

// node print-client-answers.ts MODULE NAME ORIGIN CASSETTE: what each call of a client gives its caller, replayed in a process
// that has no network and no key of its own.
net.Socket.prototype.connect = () => {
  throw new Error('This process has no network')
}

const [module = '', name = '', origin = '', path = ''] = process.argv.slice(2)
// A module of spec/clients exports clients only.
const exported = (await import(module)) as Readonly<Record<string, ClientUnderTest>>
const under = Object.values(exported).find((client) => client.name === name)
if (under === undefined) throw new Error(`${module} exports no client ${name}`)
const { hosts = [], providers = [] } = optionsAt(under, origin)
const cassette = await openCassette(path, { mode: 'none', hosts, providers })
cassette.install()
const answers: Record<string, unknown> = {}
for (const [call, ask] of Object.entries(under.calls)) answers[call] = await ask({ apiKey: 'dummy', origin })
await cassette.close()
console.log(JSON.stringify({ answers, unused: cassette.unused() }))
