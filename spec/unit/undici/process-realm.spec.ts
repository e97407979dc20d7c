import { expect, test } from 'vitest'
import { processRealm } from '../../../lib/undici/process-realm.ts'
import { runNode } from '../../support/run-node.ts'

const file = new URL('../../../lib/undici/process-realm.ts', import.meta.url).pathname

/** Loads the module into a `node:vm` context, and tells whose global object it finds there. */
const SANDBOX = `
const { readFileSync } = require('node:fs')
const { stripTypeScriptTypes } = require('node:module')
const { isProxy } = require('node:util/types')
const vm = require('node:vm')
const context = vm.createContext({})
const code = stripTypeScriptTypes(readFileSync(${JSON.stringify(file)}, 'utf8'))
const inside = new vm.SourceTextModule(code, { context })
const types = new vm.SyntheticModule(['isProxy'], function () { this.setExport('isProxy', isProxy) }, { context })
inside.link(() => types).then(() => inside.evaluate()).then(() => {
  const found = inside.namespace.processRealm(() => console.log('told'))
  console.log(found === globalThis ? 'process' : found === vm.runInContext('globalThis', context) ? 'sandbox' : 'other')
})
`

test('outside of a sandbox it is globalThis', () => {
  expect(processRealm(expect.fail)).toBe(globalThis)
})

test.for([
  ['', 'process\n'],
  ['--disallow-code-generation-from-strings', 'told\nsandbox\n'],
])('inside of one, with NODE_OPTIONS=%s', async ([options = '', expected]) => {
  const { stdout } = await runNode(['--experimental-vm-modules', '-e', SANDBOX], { env: { NODE_OPTIONS: options } })
  expect(stdout).toBe(expected)
})
