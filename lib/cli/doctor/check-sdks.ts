import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../base/json.ts'
import type { Finding } from './finding.ts'
import { findInstalled, type Installed } from './installed.ts'
import { HTTP_CLIENTS, type Sdk, SDKS } from './sdks.ts'
import { isAtLeast } from './version.ts'

/**
 * Checks the client libraries installed for the app in `folder`: which go through undici, and what to do about the
 * others.
 */
export function checkSdks(folder: string): Finding[] {
  const rows = new Map(SDKS.map((sdk) => [sdk.name, sdk]))
  const installed = findInstalled(new Set(rows.keys()), folder)
  const sdks = installed.flatMap((copy) => {
    const sdk = rows.get(copy.name)
    return sdk === undefined ? [] : [judge(sdk, copy)]
  })
  const found = [...sdks, ...checkHttpClients(folder)]
  if (found.length > 0) return found
  return [{ level: 'note', check: 'sdks', text: 'no known SDK is installed here; run doctor in the folder of the app' }]
}

function judge(sdk: Sdk, { version, path }: Installed): Finding {
  const check = `sdk ${sdk.name}`
  const text = `${version} in ${path}`
  if (sdk.least !== undefined && isAtLeast(version, sdk.least)) return { level: 'ok', check, text }
  const upgrade = sdk.least === undefined ? [] : [`upgrade to ${sdk.least} or later`]
  const remedy = [...upgrade, ...(sdk.remedy === undefined ? [] : [sdk.remedy])].join(', or ')
  return { level: 'warn', check, text: `${text} does not go through undici, so nothing of it is cached`, remedy }
}

/** HTTP clients among the app's own dependencies. Those of other packages have nothing to do with its LLM calls. */
function checkHttpClients(folder: string): Finding[] {
  const dependencies = dependenciesOf(folder)
  const used = HTTP_CLIENTS.filter(({ name }) => dependencies.has(name))
  return used.map(({ name, remedy }) => {
    const text = 'does not go through undici: LLM calls by it are not cached'
    return { level: 'note', check: `http ${name}`, text, ...(remedy !== undefined && { remedy: `use ${remedy}` }) }
  })
}

function dependenciesOf(folder: string): ReadonlySet<string> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const dependencies = isObject(manifest) ? manifest['dependencies'] : undefined
    return new Set(Object.keys(isObject(dependencies) ? dependencies : {}))
  } catch {
    return new Set()
  }
}
