import { formats, type ProviderRow } from '../../lib/index.ts'
import { PROVIDERS } from '../../lib/providers/hosts.ts'

/** A row of an app's own: Gemini's API at another origin. */
export function geminiAt(origin: string): readonly ProviderRow[] {
  const path = '/{version:v1|v1beta}/models/{model}:{action:generateContent|streamGenerateContent}'
  return [{ id: 'gemini-gateway', hosts: [origin], endpoints: [{ path, format: formats.geminiGenerate }] }]
}

/** Makes the maker of a built-in row's twin at another origin: a provider's own endpoints on loopback. */
export function rowAt(id: string): (origin: string) => readonly ProviderRow[] {
  return (origin) => PROVIDERS.filter((row) => row.id === id).map((row) => ({ ...row, hosts: [origin] }))
}

/** Mistral's own endpoints at another origin. */
export const mistralAt: (origin: string) => readonly ProviderRow[] = rowAt('mistral')
