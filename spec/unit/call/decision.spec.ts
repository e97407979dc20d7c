import { describe, expect, it } from 'vitest'
import { decide, type Decision, type Known } from '../../../lib/call/decision.ts'
import type { Found } from '../../../lib/finders/finder.ts'
import { Flight } from '../../../lib/flight/flight.ts'
import { entryOf } from '../../support/entry-of.ts'

const ENTRY = entryOf({})
const OTHER = entryOf({ key: 'b'.repeat(64) })
const FLIGHT = Object.create(Flight.prototype) as Flight // only its being there counts
const PART: Found & { use: 'some' } = { use: 'some', call: { parameters: ['fwd=miss'], over: (dispatch) => dispatch } }
const PLAN = { read: true, join: true, write: true, only: false, retry: false }
const NOT_ASKED: Known = {
  plan: PLAN,
  coalesce: true,
  freshness: undefined,
  entry: undefined,
  isProvoked: false,
  running: undefined,
  found: undefined,
}
const ABSENT: Known = { ...NOT_ASKED, freshness: { use: 'none' } }
const NOWHERE: Known = { ...ABSENT, found: { use: 'none' } }
const FRESH: Known = { ...NOT_ASKED, freshness: { use: 'hit' }, entry: ENTRY }
const FALLBACK: Known = { ...NOWHERE, freshness: { use: 'fallback' }, entry: ENTRY }

function plan(members: Partial<Known['plan']>): Pick<Known, 'plan'> {
  return { plan: { ...PLAN, ...members } }
}

describe('a call', () => {
  it.each<[says: string, known: Known, decision: Partial<Decision>]>([
    ['looks first', NOT_ASKED, { step: 'look' }],
    ['that may not read goes live', { ...NOT_ASKED, ...plan({ read: false }) }, { step: 'lead', status: 'REFRESH' }],
    ['that is a retry looks all the same', { ...NOT_ASKED, ...plan({ read: false, retry: true }) }, { step: 'look' }],
    [
      'that may neither read nor go live ends',
      { ...NOT_ASKED, ...plan({ read: false, only: true }) },
      { step: 'timeout' },
    ],

    ['gets a fresh entry', FRESH, { step: 'serve', entry: ENTRY, status: 'HIT', revalidate: false }],
    [
      'gets a stale one, which is refreshed behind',
      { ...FRESH, freshness: { use: 'stale', revalidate: true } },
      { step: 'serve', status: 'STALE', revalidate: true, parameters: ['hit', 'detail=stale-while-revalidate'] },
    ],
    [
      'gets one as stale as it takes',
      { ...FRESH, freshness: { use: 'stale', revalidate: false } },
      { step: 'serve', status: 'STALE', revalidate: false, parameters: ['hit', 'detail=max-stale'] },
    ],
    [
      'that an answer provoked does not get it again',
      { ...FRESH, isProvoked: true },
      { step: 'lead', status: 'REFRESH', parameters: ['fwd=request', 'detail=retry'] },
    ],

    ['asks the finders where nothing is stored', ABSENT, { step: 'search' }],
    ['asks them before it ends in a 504', { ...ABSENT, ...plan({ only: true, join: false }) }, { step: 'search' }],
    ['joins a flight of its key before it asks them', { ...ABSENT, running: FLIGHT }, { step: 'join', flight: FLIGHT }],
    ['that was provoked asks none of them', { ...ABSENT, isProvoked: true }, { step: 'lead', status: 'MISS' }],

    [
      'gets what a finder has',
      { ...ABSENT, found: { use: 'all', entry: OTHER, detail: 'semantic', fields: ['a', 'b'] } },
      { step: 'serve', entry: OTHER, status: 'HIT', parameters: ['hit', 'detail=semantic'], fields: ['a', 'b'] },
    ],
    ['joins a flight that has begun meanwhile', { ...NOWHERE, running: FLIGHT }, { step: 'join', flight: FLIGHT }],
    [
      'makes the call that a finder puts in its place',
      { ...ABSENT, found: PART },
      { step: 'lead', status: 'MISS', call: PART.call, parameters: PART.call.parameters },
    ],
    [
      'makes its own call where a stale answer may have to stand in',
      { ...FALLBACK, found: PART },
      { step: 'lead', call: undefined, fallback: ENTRY },
    ],
    ['goes live', NOWHERE, { step: 'lead', status: 'MISS', parameters: ['fwd=miss'], shared: true }],
    [
      'goes live with the word of the finder that has nothing',
      { ...ABSENT, found: { use: 'none', detail: 'lossy' } },
      { step: 'lead', status: 'MISS', parameters: ['fwd=miss', 'detail=lossy'] },
    ],
    ['that may not go live ends in a 504', { ...NOWHERE, ...plan({ only: true }) }, { step: 'timeout' }],
    ['has a stale answer to fall back on', FALLBACK, { step: 'lead', fallback: ENTRY }],
    ['that joins has one, too', { ...FALLBACK, running: FLIGHT }, { step: 'join', fallback: ENTRY }],

    ['is alone without coalesce', { ...NOWHERE, coalesce: false }, { step: 'lead', shared: false }],
    [
      'is alone where nothing is stored of it',
      { ...NOWHERE, ...plan({ write: false }) },
      { step: 'lead', shared: false },
    ],
    [
      'is alone where it may not join others',
      { ...NOWHERE, ...plan({ join: false }) },
      { step: 'lead', shared: false },
    ],
  ])('%s', (_, known, decision) => {
    expect(decide(known)).toMatchObject(decision)
  })
})
