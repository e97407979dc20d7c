import { onTestFinished } from 'vitest'
import { openProvider, type Provider } from './provider.ts'

/** A provider that lives as long as the running spec. */
export async function startProvider(): Promise<Provider> {
  const provider = await openProvider()
  onTestFinished(() => provider[Symbol.asyncDispose]())
  return provider
}
