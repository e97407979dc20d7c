import { PROVIDERS } from '../../lib/providers/table.ts'
import type { ProviderRow } from '../../lib/providers/provider.ts'

/** The built-in Gemini row, moved to another origin. */
export function geminiAt(origin: string): readonly ProviderRow[] {
  return PROVIDERS.filter((row) => row.id === 'gemini').map((row) => ({ ...row, hosts: [origin] }))
}
