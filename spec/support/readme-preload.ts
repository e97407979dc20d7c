import { registerHooks } from 'node:module'
import { openNetwork } from './network.ts'

// What the README tells a user to install is taken from this checkout, wherever the recipe's file is.
const door = new URL('../../lib/index.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'undici-llm-cache'
      ? { url: door, shortCircuit: true }
      : next(specifier, { ...context, parentURL: /^[./]/.test(specifier) ? context.parentURL : import.meta.url }),
})

const network = openNetwork()
process.on('exit', () => console.log(`network calls: ${network.calls.length}`))
process.on('SIGTERM', () => process.exit())
