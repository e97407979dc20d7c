import { posix } from 'node:path'

/** The files that each file imports; paths from lib on. */
export type Imports = ReadonlyMap<string, readonly string[]>

const IMPORT = /(?:\bfrom|\bimport\(|\bimport)\s*'(\.{1,2}\/[^']+)'/g

/** The files that a file's code imports, for values and for types. */
export function importsOf(file: string, code: string): string[] {
  return [...code.matchAll(IMPORT)].map(([, path = '']) => posix.join(posix.dirname(file), path))
}

/**
 * What breaks the rule: a room that is not in the list, an import of what is not below, a circle of files. `floors` goes
 * from the top down; a room is a folder with all in it, or a file of the root.
 */
export function problemsOf(imports: Imports, floors: readonly (readonly string[])[]): string[] {
  const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)))
  const homeless = [...imports.keys()].filter((file) => !floorOf.has(roomOf(file)))
  const upward = [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => !isBelow(file, target, floorOf)).map((target) => [file, target] as const),
  )
  return [
    ...homeless.map((file) => `${file} is in no room of the list`),
    ...upward.map(([file, target]) => `${file} imports ${target}, which is not below it`),
    ...circlesOf(imports).map((circle) => circle.join(' → ')),
  ]
}

function roomOf(file: string): string {
  return file.split('/', 1).join('')
}

function isBelow(file: string, target: string, floorOf: ReadonlyMap<string, number>): boolean {
  const [from, to] = [roomOf(file), roomOf(target)]
  // A file that is in no room is told once, not for each of its imports.
  return from === to || !floorOf.has(from) || (floorOf.get(to) ?? -1) > (floorOf.get(from) ?? Infinity)
}

/** One circle for each file that closes one. */
function circlesOf(imports: Imports): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start !== -1) circles.push([...path.slice(start), file])
    if (start !== -1 || done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return circles
}
