import fs from 'node:fs'
import { changeFile } from '../../lib/cassettes/file.ts'

// Run in a process of its own: it changes a file, and is killed in the middle of writing the new one.
const [path = ''] = process.argv.slice(2)
const { renameSync } = fs
fs.renameSync = (from, to) => {
  process.kill(process.pid, 'SIGKILL')
  renameSync(from, to)
}
changeFile(path, (text) => `${text}and more\n`)
