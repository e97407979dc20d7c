import type { KeyObject } from 'node:crypto'
import type { HeaderPair } from '../request/headers.ts'
import type { Access } from '../stores/store.ts'
import { deriveSecret } from './access.ts'

/** How clients send an API key, most likely first. */
const CARRIERS: readonly ((key: string) => readonly string[])[] = [
  (key) => ['authorization', `Bearer ${key}`],
  (key) => ['x-api-key', key],
  (key) => ['api-key', key],
  (key) => ['x-goog-api-key', key],
  (key) => ['?key', key],
]

/**
 * The possible secrets of a caller whose credential was typed by a person: an API key, in each way that clients send
 * one, or header lines (`cf-aig-authorization: Bearer …`), used as they are.
 */
export function secretsOf(credential: string): readonly KeyObject[] {
  const text = credential.trim()
  const headers = text.split('\n').flatMap(headerOf)
  const lists = headers.length > 0 ? [headers.flat()] : CARRIERS.map((carrier) => carrier(text))
  return lists.map(deriveSecret)
}

/** What a store may know of such a caller. */
export function accessesOf(credential: string): readonly Access[] {
  return secretsOf(credential).map((secret) => ({ secret: () => secret, isRotating: () => false }))
}

function headerOf(line: string): HeaderPair[] {
  const [, name = '', value = ''] = /^([\w-]+): +(\S.*)$/.exec(line.trim()) ?? []
  return name === '' ? [] : [[name.toLowerCase(), value]]
}
