import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { memberOf } from '../../base/check.ts'
import type { Embedder } from '../../semantic/embedder.ts'
import type { Embed } from '../../semantic/embedding.ts'
import { httpEmbedder } from '../../semantic/http-embedder.ts'
import { type CredentialFlags, credentialOf } from '../credential-option.ts'

/** Command-line options for an embedder. */
export interface EmbedderFlags extends CredentialFlags {
  readonly embedder?: string
  readonly baseUrl?: string
  readonly model?: string
  readonly dimensions?: number
}

/** The embedder that the command line names. Naming none, or two, is a usage error. */
export async function embedderOf(command: Command, flags: EmbedderFlags): Promise<Embedder> {
  const { embedder, baseUrl: baseURL, model, dimensions } = flags
  if ((embedder === undefined) === (baseURL === undefined)) {
    return command.error('error: name either --embedder MODULE, or --base-url and --model')
  }
  if (embedder !== undefined) return load(embedder)
  if (baseURL === undefined || model === undefined) return command.error('error: --base-url needs --model')
  const apiKey = credentialOf(command, flags)
  try {
    return httpEmbedder({ baseURL, model, ...(dimensions !== undefined && { dimensions }), ...(apiKey && { apiKey }) })
  } catch (error) {
    return command.error(`error: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * A file or a package of the working directory that exports `embed` and perhaps `id`, by name or in its default export.
 */
async function load(name: string): Promise<Embedder> {
  const file = resolve(name)
  const path = existsSync(file) ? file : createRequire(join(process.cwd(), 'package.json')).resolve(name)
  const module: unknown = await import(pathToFileURL(path).href)
  for (const exported of [module, memberOf(module, 'default')]) {
    const [embed, id] = [memberOf(exported, 'embed'), memberOf(exported, 'id')]
    if (typeof embed === 'function') return { embed: embed as Embed, id: typeof id === 'string' ? id : name } // checked as it is used
  }
  throw new Error(`${name} exports no function embed`)
}
