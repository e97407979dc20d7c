import { formats, type ProviderRow } from '../../lib/index.ts'

/** A row of an app's own: Gemini's API at another origin. */
export function geminiAt(origin: string): readonly ProviderRow[] {
  const path = '/{version:v1|v1beta}/models/{model}:{action:generateContent|streamGenerateContent}'
  return [{ id: 'gemini-gateway', hosts: [origin], endpoints: [{ path, format: formats.geminiGenerate }] }]
}
