import { readFile } from 'node:fs/promises'
import { type CassetteText, readCassetteText } from '../../cassettes/file-format.ts'

/**
 * Reads a cassette.
 *
 * @throws if the file is missing, or is not a cassette
 */
export async function readCassette(path: string): Promise<CassetteText> {
  return readCassetteText(await readFile(path, 'utf8'), path)
}
