import { openNetwork } from './network.ts'

// Preloaded: a process whose network answers for every host.
openNetwork()
