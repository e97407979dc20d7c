import { describe, expect, test } from 'vitest'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { type Ended, makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

const PAIRS = [
  { a: 'How do I reset my password?', b: 'how can I reset my password', same: true },
  { a: 'What is France?', b: 'what is france', same: true },
  { a: 'How do I enable it?', b: 'How do I disable it?', same: false },
]

/** Of these texts the first two are equal, the second two at a right angle, the last two a little apart. */
const MODULE = `
const VECTORS = [[1, 0], [2, 0], [1, 0], [0, 1], [1, 0], [1, 0.1]]
const texts = ${JSON.stringify(PAIRS.flatMap(({ a, b }) => [a, b]))}
export const embed = async (asked) => asked.map((text) => VECTORS[texts.indexOf(text)])
export const id = 'a-model'
`

async function calibrate(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  run = runCliHere,
): Promise<Ended> {
  const lines = PAIRS.map((pair) => `${JSON.stringify(pair)}\n`).join('')
  const cwd = await makeFolder({ 'pairs.jsonl': lines, 'embedder.mjs': MODULE, ...files })
  return run(['calibrate', 'pairs.jsonl', ...args], { cwd, env: { KEY: 'sk-one' } })
}

describe('calibrate', () => {
  test('prints the threshold of a module, what it finds and the interval of what is wrong', async () => {
    const { code, stdout, stderr } = await calibrate(['--embedder', 'embedder.mjs'], {}, runCli)
    expect(code).toBe(0)
    expect(stderr).toContain('3 pairs, 2 of them the same; a-model\n')
    expect(stdout).toContain('threshold 1: finds 1 of 2, 0 wrong, 0.0 % (95 % interval 0.0 % … 79.3 %)\n')
    expect(stderr).toContain('to be sure of 1.0 % takes 381 matches without a wrong one\n')
    expect(stdout.split('\n')[0]).toMatch(/^THRESHOLD {2}FOUND {2}OF THE SAME {2}WRONG {2}OF MATCHES/)
  })

  test('counts what the guard keeps apart only without it', async () => {
    const all = ['--embedder', './embedder.mjs', '--json', '--max-false', '40%']
    const guarded = JSON.parse((await calibrate(all)).stdout)
    expect(guarded).toMatchObject({ embedder: 'a-model', guard: true, maxFalse: 0.4, pairs: 3, same: 2, threshold: 1 })
    expect(guarded.steps.at(-1)).toMatchObject({ threshold: 0.5, found: 1, wrong: 0 })
    const alone = JSON.parse((await calibrate([...all, '--no-guard'])).stdout)
    expect(alone.steps.at(-1)).toMatchObject({ threshold: 0.5, found: 1, wrong: 1, wrongShare: 0.5 })
  })

  test('asks a server, with the key that a variable holds', async () => {
    const provider = await startProvider()
    const where = ['--base-url', `${provider.origin}/v1`, '--model', 'm', '--credential-env', 'KEY', '--json']
    const { code, stdout } = await calibrate([...where, '--max-false', '0.9'])
    expect(JSON.parse(stdout)).toMatchObject({ embedder: `m ${new URL(provider.origin).host}`, pairs: 3 })
    expect(code).toBe(JSON.parse(stdout).threshold === null ? 1 : 0)
    expect(provider.calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-one'])
  })

  test('ends with 1 where no threshold will do', async () => {
    const other = `export default { embed: async (texts) => texts.map((_, at) => at < 4 ? [1, at] : [1, 1]) }`
    const args = ['--embedder', './other.mjs', '--no-guard', '--max-false', '0']
    const { code, stderr } = await calibrate(args, { 'other.mjs': other })
    expect([code, stderr]).toEqual([1, expect.stringContaining('no threshold will do')])
  })

  test.each([
    ['a line that is no pair', { 'pairs.jsonl': '{"a":"x","b":"y","same":true}\n{"a":"x"}\n' }, 'line 2 is no {'],
    ['an empty file', { 'pairs.jsonl': '\n' }, 'pairs.jsonl has no pairs'],
    ['a module without embed', { 'embedder.mjs': 'export const id = 1' }, 'embedder.mjs exports no function embed'],
    ['too few vectors', { 'embedder.mjs': 'export const embed = () => []' }, 'gave no list of 6 vectors'],
    ['no vectors', { 'embedder.mjs': 'export const embed = (t) => t.map(() => [])' }, 'a vector without a direction'],
  ])('ends with 1 and says what is wrong with %s', async (_name, files, message) => {
    const { code, stderr } = await calibrate(['--embedder', 'embedder.mjs'], files)
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
  })

  test.each([
    [[], 'name either --embedder MODULE, or --base-url and --model'],
    [['--embedder', 'x', '--base-url', 'http://h'], 'name either --embedder MODULE, or --base-url and --model'],
    [['--base-url', 'http://h'], '--base-url needs --model'],
    [['--base-url', 'nonsense', '--model', 'm'], 'httpEmbedder.baseURL must be a base URL'],
    [['--base-url', 'http://h', '--model', 'm', '--credential-env', 'NONE'], 'the variable NONE is not set'],
    [['--embedder', 'embedder.mjs', '--max-false', '100%'], 'It must be a share below 1, such as 1% or 0.01.'],
  ])('ends with 2 on %o', async (args, message) => {
    const { code, stderr } = await calibrate(args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
