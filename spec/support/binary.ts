import { spawnSync } from 'node:child_process'

const REQUIRED = process.env['CI'] === 'true'

/**
 * Whether a program that some specs need is installed. Where it is not, they are to be skipped, with a notice; in CI
 * (`CI=true`) this throws.
 */
export function isInstalled(name: string): boolean {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' })
  if (error === undefined) return true
  if (REQUIRED) throw new Error(`${name} is not installed: apt-get install -y redis-server chromium`)
  console.warn(`Skipped: ${name} is not installed. These specs need it: apt-get install -y redis-server chromium`)
  return false
}
