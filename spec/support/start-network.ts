import { onTestFinished } from 'vitest'
import { openNetwork, type Network } from './network.ts'

/** A stand-in for the network that lives as long as the running spec. */
export function startNetwork(): Network {
  const network = openNetwork()
  onTestFinished(() => network[Symbol.dispose]())
  return network
}
