import { readFile } from 'node:fs/promises'

const page = await readFile(new URL('../recipes/README.md', import.meta.url), 'utf8')
const commandLine = await readFile(new URL('../../lib/cli/README.md', import.meta.url), 'utf8')
const blocks = [...(page + commandLine).matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, code]) => code ?? '')

/** The file of this name, as the page of recipes or of the command line shows it. */
export function recipeFile(name: string): string {
  return blocks.find((code) => code.split(/[:,\n]/, 1)[0] === `// ${name}`) ?? missing(name)
}

/** The files of these names, for an app's folder. */
export function recipeFiles(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, recipeFile(name)]))
}

/** The one block of the section with this title: a command, a Dockerfile. */
export function recipeBlock(title: string): string {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? missing(title)
  return section.match(/^```\w*\n(.*?)^```$/ms)?.[1] ?? missing(title)
}

function missing(what: string): never {
  throw new Error(`the page of recipes has no ${what}`)
}
