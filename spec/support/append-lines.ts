import { changeFile } from '../../lib/cassettes/file.ts'

// Run in a process of its own: adds lines to a file, each by a change of its own.
const [path = '', name, count] = process.argv.slice(2)
for (let at = 0; at < Number(count); at++) changeFile(path, (text = '') => `${text}${name} ${at}\n`)
