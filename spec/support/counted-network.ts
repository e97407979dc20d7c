import { openNetwork } from './network.ts'

// Preloaded: a process whose network answers for every host, and which tells at its end how often it was asked.
const network = openNetwork()
process.on('exit', () => console.log(`network calls: ${network.calls.length}`))
process.on('SIGTERM', () => process.exit())
