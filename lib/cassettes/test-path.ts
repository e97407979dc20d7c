import { basename, dirname, join } from 'node:path'
import { digest } from '../base/digest.ts'

/** A vitest test or suite. */
export interface TestNode {
  readonly name: string
  /** Its suite; `undefined` at the top level of its file. */
  readonly suite?: TestNode | undefined
  /** Its tests and suites, if it is a suite. */
  readonly tasks?: readonly TestNode[]
}

/** A test with its file. */
export interface TestInFile extends TestNode {
  readonly file: { readonly filepath: string; readonly tasks: readonly TestNode[] }
}

/**
 * The path of a test's cassette: `__cassettes__/chat.spec.ts/suite-answers-a-question.jsonl` beside its file. If two
 * tests would have the same file name, that of the second ends in `-2`.
 */
export function testPath(test: TestInFile): string {
  const { filepath, tasks } = test.file
  const name = fileName(test)
  const twins = testsOf(tasks).filter((other) => isSameFile(fileName(other), name))
  const at = twins.indexOf(test)
  return join(dirname(filepath), '__cassettes__', basename(filepath), `${name}${at > 0 ? `-${at + 1}` : ''}.jsonl`)
}

function testsOf(nodes: readonly TestNode[]): TestNode[] {
  return nodes.flatMap((node) => (node.tasks === undefined ? [node] : testsOf(node.tasks)))
}

/** Whether two names are the same file on macOS and Windows, which ignore case. */
function isSameFile(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}

/** Characters of a file name. Windows allows 260 for a whole path. */
const MAX_NAME = 100

function fileName(test: TestNode): string {
  const names: string[] = []
  for (let node: TestNode | undefined = test; node !== undefined; node = node.suite) names.unshift(node.name)
  const text = names.join(' ')
  const name = text.replaceAll(/[^\p{L}\p{N}_.]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, '')
  if (name !== '' && name.length <= MAX_NAME) return name
  return `${name.slice(0, MAX_NAME)}-${digest(text).slice(0, 8)}`.replace(/^-/, '')
}
