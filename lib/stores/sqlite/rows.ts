import { isObject, type Json, parseJson } from '../../base/json.ts'
import { readMeta } from '../codec.ts'
import { type EntryInfo, infoOf } from '../entry.ts'
import { checkFilter, type Filter } from '../filter.ts'
import type { Removal } from '../removal.ts'
import type { Row } from './open-file.ts'

/** The removal of a row of `removals`. */
export function removalOf(row: Row): Removal {
  return { filter: filterOf(parseJson(String(row['filter']))), at: Number(row['at']) }
}

/** A filter that can't be read matches everything: a miss at worst. */
function filterOf(value: Json | undefined): Filter {
  if (!isObject(value)) return {}
  const filter: Filter = value
  try {
    checkFilter(filter)
    return filter
  } catch {
    return {}
  }
}

/** The entry of a row of `entries`, as `entries()` yields it; `undefined` if its metadata are damaged. */
export function infoOfRow(row: Row): EntryInfo | undefined {
  const meta = readMeta(String(row['meta']))
  return meta && infoOf(meta, Number(row['hits']))
}
