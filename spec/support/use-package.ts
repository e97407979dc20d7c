import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

// Preloaded, with the package's folder behind the `?`: what a process imports from a door's source comes from the built door.
const folder = pathToFileURL(`${decodeURIComponent(new URL(import.meta.url).search.slice(1))}/dist/`)
registerHooks({
  resolve(specifier, context, next) {
    const [, door] = /^(?:\.\.\/)+lib\/([\w/-]+)\.ts$/.exec(specifier) ?? []
    const built = new URL(`${door}.js`, folder)
    return door !== undefined && existsSync(built) ? { url: built.href, shortCircuit: true } : next(specifier, context)
  },
})
