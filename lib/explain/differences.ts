import { type Asked, type Asking, digestsOf } from './asked.ts'

/** How far a call is from another one: 0 where all parts are equal. */
export function distanceOf(asking: Asking, other: Asked, limit: number): number {
  if (asking.names === other.names) return distanceOfShape(asking, other, limit)
  const theirs = digestsOf(other)
  let distance = 0
  let at = 0
  for (const [name, digest] of digestsOf(asking)) {
    if (theirs.get(name) !== digest) distance += asking.weights[at] ?? 1
    theirs.delete(name)
    at++
    if (distance >= limit) return distance
  }
  // What only the other one has is of unknown length.
  return distance + 2 * theirs.size
}

/** Nearly all calls of an app have the same parts: their digests stand at the same places. */
function distanceOfShape({ digests, weights }: Asking, other: Asked, limit: number): number {
  let distance = 0
  for (const [at, weight] of weights.entries()) {
    if (!isSameDigest(digests, other.digests, at * 8)) distance += weight
    if (distance >= limit) return distance
  }
  return distance
}

/** Word by word: a bigint each would take ten times as long. */
function isSameDigest(left: Buffer, right: Buffer, at: number): boolean {
  return left.readInt32LE(at) === right.readInt32LE(at) && left.readInt32LE(at + 4) === right.readInt32LE(at + 4)
}

/** The names of the parts in which two calls differ. Of a subtree that only one of them has, the topmost place. */
export function differencesOf(left: Asked, right: Asked): string[] {
  const [ours, theirs] = [digestsOf(left), digestsOf(right)]
  const found = new Set<string>()
  const gone = new Set<string>()
  collect(ours, theirs, found, gone)
  collect(theirs, ours, found, gone)
  // Where members came or went, the order is another one too; that says nothing new.
  const isMoved = (name: string): boolean => {
    const [place = ''] = name.split(ORDER)
    return [...gone].some((path) => path.startsWith(place) && parentOf(path) === place)
  }
  return [...found].filter((name) => !name.endsWith(ORDER) || !isMoved(name))
}

const ORDER = ' (order)'

function collect(
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
  found: Set<string>,
  gone: Set<string>,
): void {
  const places = new Set([...theirs.keys()].flatMap(prefixesOf))
  for (const [name, digest] of ours) {
    const other = theirs.get(name)
    if (other === digest) continue
    if (other !== undefined) found.add(name)
    else if (!name.endsWith(ORDER)) {
      const top = topmost(name, theirs, places)
      found.add(top)
      gone.add(top)
    }
  }
}

/** Where a part that the other call has not got begins to be missing, or to be of another kind. */
function topmost(name: string, theirs: ReadonlyMap<string, string>, places: ReadonlySet<string>): string {
  return prefixesOf(name).find((place) => theirs.has(place) || !places.has(place)) ?? name
}

/** `body a[0].b` is in `body`, `body a`, `body a[0]`, and itself. */
function prefixesOf(name: string): string[] {
  if (!name.startsWith('body ')) return [name]
  const cuts = [...name.matchAll(/[.[]|$/g)].map(({ index }) => index)
  return ['body', ...cuts.map((cut) => name.slice(0, cut))]
}

function parentOf(name: string): string {
  return name.replace(/(?:\.[^.[]*|\[\d+\])$/, '')
}
