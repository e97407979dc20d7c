import type { ClientUnderTest } from './client.ts'
import { keysOf } from './client.ts'

// node print-client-keys.ts MODULE NAME ORIGIN: the keys of each call of a client, as a process of another Node makes them.
const [module = '', name = '', origin = ''] = process.argv.slice(2)
Object.defineProperty(process, 'version', { value: `${process.version}9` })
Object.defineProperty(process.versions, 'node', { value: `${process.versions.node}9` })

// A module of spec/clients exports clients only.
const exported = (await import(module)) as Readonly<Record<string, ClientUnderTest>>
const under = Object.values(exported).find((client) => client.name === name)
if (under === undefined) throw new Error(`${module} exports no client ${name}`)
const keys: Record<string, readonly string[]> = {}
for (const call of Object.keys(under.calls)) keys[call] = await keysOf(under, call, { apiKey: 'sk-one', origin })
console.log(JSON.stringify(keys))
