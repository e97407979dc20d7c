import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

/** What a container is started with, once its image is made. */
export interface Image {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

/**
 * Follows a Dockerfile step by step on this machine, below the folder `root`, from the app in `context`. It shows that the
 * steps and their order work; what the base image brings, it does not.
 */
export async function followDockerfile(text: string, context: string, root: string): Promise<Image> {
  const env: Record<string, string> = {}
  let [cwd, command] = [root, [] as readonly string[]]
  for (const step of text
    .replaceAll(/\\\n\s*/g, '')
    .trim()
    .split('\n')) {
    const [, name = '', rest = ''] = /^(\w+) (.*)$/.exec(step) ?? []
    switch (name) {
      case 'FROM':
        break
      case 'WORKDIR':
      case 'VOLUME':
        await mkdir(join(root, rest), { recursive: true })
        if (name === 'WORKDIR') cwd = join(root, rest)
        break
      case 'COPY':
        await copy(rest.split(' ')[0] ?? '', context, cwd)
        break
      case 'RUN':
        await promisify(execFile)('sh', ['-c', rest], { cwd, env: { ...process.env, ...env } })
        break
      case 'ENV':
        for (const [, key = '', value = ''] of rest.matchAll(/(\w+)="(.*?)"/g))
          env[key] = value.replace(':/', `:${root}/`)
        break
      case 'CMD':
        command = JSON.parse(rest)
        break
      default:
        throw new Error(`no way to follow ${name}`)
    }
  }
  return { cwd, env, command }
}

async function copy(pattern: string, context: string, to: string): Promise<void> {
  const [start = '', end = ''] = pattern.split('*')
  const isMeant = (name: string): boolean => pattern === '.' || (name.startsWith(start) && name.endsWith(end))
  const filter = (path: string): boolean => path === context || isMeant(basename(path))
  await cp(context, to, { recursive: true, filter })
}
