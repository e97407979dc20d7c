import { readFile } from 'node:fs/promises'
import { type CassetteText, readCassetteText } from '../../cassettes/file-format.ts'

/** A cassette that must be there. Throws where it is not, or is none. */
export async function readCassette(path: string): Promise<CassetteText> {
  return readCassetteText(await readFile(path, 'utf8'), path)
}
