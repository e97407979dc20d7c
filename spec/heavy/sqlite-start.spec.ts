import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../support/run-node.ts'

const CHILD = fileURLToPath(new URL('../support/write-at-once.ts', import.meta.url))

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'eight processes that begin one file at the same moment all write to it: round %i',
  async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const children = await Promise.all(
      Array.from({ length: 8 }, async (_, name) => {
        const child = fork(CHILD, [path, String(name)], { execArgv: [] })
        onTestFinished(() => void child.kill('SIGKILL'))
        await once(child, 'message')
        return child
      }),
    )
    const answers = children.map((child) => once(child, 'message'))
    for (const child of children) child.send('go')
    for (const [outcomes] of await Promise.all(answers)) {
      expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ count: 0 })))
    }
    const db = new DatabaseSync(path)
    expect(db.prepare('SELECT count(*) AS count FROM entries').get()).toEqual({ count: 160 })
    db.close()
  },
)
