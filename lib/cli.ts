#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { keepAlive } from './base/promises.ts'
import { runProgram } from './cli/program.ts'

// The package's own file, one level up both from lib and from dist.
const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// The reader of our output may stop early: `ls | head -1`. A full disk is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`undici-llm-cache: ${error.message}\n`)
  process.exit(1)
})

await keepAlive(() =>
  runProgram(process.argv.slice(2), {
    version: manifest.version,
    register: new URL(`./register${extname(import.meta.filename)}`, import.meta.url).href,
  }),
)

// What the file of LLM_CACHE_CONFIG has opened (the client of a store) would keep the process alive. All output goes
// first; where it fails, the listener above ends the process.
await new Promise<void>((resolve) => process.stdout.write('', (error) => error ?? resolve()))
process.exit()
