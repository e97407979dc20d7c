/** One server-sent event. `data` has no line break; https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function writeSse(name: string | undefined, data: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`
}

/** One line of NDJSON. `data` has no line break; https://github.com/ndjson/ndjson-spec */
export function writeNdjson(data: string): string {
  return `${data}\n`
}

/** A JSON array in pieces: each item with the bracket or comma before it, then the last bracket. */
export function writeJsonArray(items: readonly string[]): readonly string[] {
  return [...items.map((item, at) => `${at === 0 ? '[' : ',\n'}${item}`), items.length === 0 ? '[]' : ']']
}
