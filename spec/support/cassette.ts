import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Cassette, type CassetteEntry, openCassette, type OpenCassetteOptions } from '../../lib/cassette.ts'

/** The path of a cassette that does not exist yet, in a folder that lives as long as the running spec. */
export function cassettePath(name = 'answers.jsonl'): string {
  const folder = mkdtempSync(join(tmpdir(), 'cassette-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** A cassette under the global fetch. The spec closes it; what it left open is dropped. */
export async function insert(path: string, options?: OpenCassetteOptions): Promise<Cassette> {
  const cassette = await openCassette(path, options)
  const remove = cassette.install()
  onTestFinished(async () => {
    remove()
    cassette.discard()
    // What closing throws is the spec's own business.
    await cassette.close().catch(() => {})
  })
  return cassette
}

/** Runs calls with a cassette inserted; saves it. */
export async function withCassette<Result>(
  path: string,
  options: OpenCassetteOptions,
  calls: () => Promise<Result>,
): Promise<Result> {
  const cassette = await insert(path, options)
  const result = await calls()
  await cassette.close()
  return result
}

/** The entries of a cassette, as they stand in the file. */
export async function entriesOf(path: string): Promise<CassetteEntry[]> {
  const [, ...lines] = (await readFile(path, 'utf8')).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

/** A chat call by the global fetch. */
export function chat(origin: string, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers },
    body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }], ...body }),
  })
}

/** What an answer in OpenAI's error shape says. */
export async function messageOf(answer: Response): Promise<string> {
  const { error }: { error: { message: string } } = JSON.parse(await answer.text())
  return error.message
}
