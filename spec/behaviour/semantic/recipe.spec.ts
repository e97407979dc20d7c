import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { makeFolder, runNode } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

const PAGE = await readFile(new URL('../../../lib/semantic/README.md', import.meta.url), 'utf8')

/** The page's first code, with this checkout's doors. */
function recipe(): string {
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(PAGE) ?? []
  const door = (name: string): string => fileURLToPath(new URL(`../../../lib/${name}.ts`, import.meta.url))
  return code
    .replace("'undici-llm-cache/embedders'", JSON.stringify(door('embedders')))
    .replace("'undici-llm-cache'", JSON.stringify(door('index')))
}

test('the recipe matches by the vectors of the server that it names', async () => {
  const provider = await startProvider()
  const asking = `
    const answers = []
    for (const content of ['How do I reset my password?', 'how do i reset my password']) {
      const body = JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content }] })
      const headers = { 'x-llm-cache-threshold': '0', authorization: 'Bearer sk-one', 'content-type': 'application/json' }
      const answer = await fetch(baseURL + '/chat/completions', { method: 'POST', headers, body })
      await answer.text()
      answers.push(answer.headers.get('x-llm-cache'))
    }
    console.log(answers.join())`
  const local = recipe().replace('createLlmCache({', 'createLlmCache({ hosts: [baseURL],')
  const cwd = await makeFolder({ 'app.mjs': local + asking })
  const env = { OPENAI_BASE_URL: `${provider.origin}/v1`, OPENAI_API_KEY: 'sk-one' }
  expect(await runNode(['app.mjs'], { cwd, env })).toEqual({ code: 0, stdout: 'MISS,HIT\n', stderr: '' })
  expect(provider.calls.filter(({ path }) => path === '/v1/embeddings').length).toBeGreaterThan(0)
})
