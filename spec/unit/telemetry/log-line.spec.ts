import { describe, expect, test } from 'vitest'
import {
  lineOfAdvice,
  lineOfAnswer,
  lineOfCall,
  type LogLine,
  renderLine,
  renderSummary,
} from '../../../lib/telemetry/log-line.ts'
import { createLlmCache } from '../../../lib/index.ts'

const CALL = { provider: 'openai', endpoint: '/v1/chat/completions', model: 'gpt-5.1', key: 'k' }
const USAGE = { inputTokens: 400, outputTokens: 31 }

function render(line: LogLine | undefined): string | undefined {
  return line && renderLine(line, (status) => `<${status}>`)
}

describe('a line', () => {
  test('of a hit says what it saved, at list price', () => {
    const saved = { time: 1.24, usage: USAGE }
    const line = lineOfAnswer({ ...CALL, status: 'HIT', detail: undefined, duration: 0.0003, saved })
    expect(render(line)).toBe('<HIT> gpt-5.1 chat 0.3 ms · saved 1.24 s, 431 tokens, $0.00081')
  })

  test('of a hit without usage says the time alone', () => {
    const saved = { time: 0.812, usage: undefined }
    const line = lineOfAnswer({ ...CALL, status: 'STALE', detail: 'max-stale', duration: 0.012, saved })
    expect(render(line)).toBe('<STALE> gpt-5.1 chat 12 ms · saved 812 ms · max-stale')
  })

  test('of a provider call says what it cost, by its own figure where it has one', () => {
    const usage = { ...USAGE, cost: 1.5 }
    const line = lineOfCall({ ...CALL, status: 'MISS', duration: 2, usage, refusal: undefined })
    expect(render(line)).toBe('<MISS> gpt-5.1 chat 2.00 s · 431 tokens, $1.50')
  })

  test('of a provider call says what the provider had cached, and why its cache missed', () => {
    const usage = { ...USAGE, cachedTokens: 300, cost: 1 }
    const call = { ...CALL, status: 'MISS', duration: 2, usage, refusal: undefined } as const
    expect(render(lineOfCall(call))).toBe('<MISS> gpt-5.1 chat 2.00 s · 431 tokens, $1.00 · 300 cached by the provider')
    expect(render(lineOfCall({ ...call, cacheMiss: 'tools_changed' }))).toMatch(
      /provider's cache missed: tools_changed$/,
    )
  })

  test('of advice gives it whole, with its page', () => {
    const advice = {
      code: 'no-reads',
      provider: 'openai',
      model: 'gpt-5.1',
      text: 'a'.repeat(400),
      docs: 'https://b',
    } as const
    expect(render(lineOfAdvice(advice))).toBe(`<ADVICE> gpt-5.1 · ${'a'.repeat(400)} (https://b)`)
  })

  test('of a model without a price says no price', () => {
    const line = lineOfCall({ ...CALL, model: 'own-1', status: 'MISS', duration: 2, usage: USAGE, refusal: undefined })
    expect(render(line)).toBe('<MISS> own-1 chat 2.00 s · 431 tokens')
  })

  test('of an answer that was not kept says why', () => {
    const line = lineOfCall({ ...CALL, status: 'REFRESH', duration: 2, usage: undefined, refusal: 'length' })
    expect(render(line)).toBe('<REFRESH> gpt-5.1 chat 2.00 s · not stored: length')
  })

  test('is one line a call: a miss is in the line of its provider call, one without in that of its answer', () => {
    const miss = { ...CALL, status: 'MISS', duration: 1, saved: undefined } as const
    expect(lineOfAnswer({ ...miss, detail: undefined })).toBeUndefined()
    expect(render(lineOfAnswer({ ...miss, detail: 'only-if-cached' }))).toBe(
      '<MISS> gpt-5.1 chat 1.00 s · only-if-cached',
    )
  })

  test.for([
    ['/v1/chat/completions', 'chat'],
    ['/v1/completions', 'completions'],
    ['/v1/messages', 'messages'],
    ['/v1beta/models/gemini-3-pro:streamGenerateContent', 'streamGenerateContent'],
    ['/model/anthropic.claude/converse', 'converse'],
    ['/api/v1/responses', 'responses'],
  ] as const)('names %s %s', ([endpoint, name]) => {
    expect(render({ status: 'HIT', endpoint })).toBe(`<HIT> ${name}`)
  })

  test('is one line, whatever a caller calls its model', () => {
    const text = render({ status: 'HIT', model: `a\nHIT \u001b[2Jb\u2028\u202e${'c'.repeat(999)}` })
    expect(text).toMatch(/^<HIT> a\?HIT \?\[2Jb/)
    expect(text).not.toMatch(/\p{C}/u)
    expect(text?.length).toBeLessThan(250)
  })
})

describe('the summary', () => {
  const none = createLlmCache().stats()

  test('counts each kind of call once, and what was saved', () => {
    const saved = { time: 9.8, inputTokens: 3000, outputTokens: 210, cachedTokens: 0, cost: 0.0123 }
    const figures = { ...none, hits: 8, misses: 3, bypasses: { header: 1 }, saved }
    expect(renderSummary(figures)).toBe('12 calls: 8 hits, 3 misses, 1 bypass · saved 9.80 s, 3,210 tokens, $0.012')
  })

  test('of nothing saved, and of no price, says so by silence', () => {
    expect(renderSummary({ ...none, misses: 1 })).toBe('1 call: 1 miss')
    const saved = { time: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: 0 }
    expect(renderSummary({ ...none, hits: 1, misses: 1, saved })).toBe('2 calls: 1 hit, 1 miss · saved 1.00 s')
  })

  test('counts calls that went around the cache, also where no other was made', () => {
    const hosts = { 'api.openai.com': 2, 'a.example': 1, 'b.example': 1, 'c.example': 1 }
    const around = 'went around the cache: api.openai.com'
    const unmatchedCauses = { 'node-http': { 'api.openai.com': 1 }, endpoint: { 'api.anthropic.com': 7 } }
    expect(renderSummary({ ...none, unmatchedCauses })).toBe(`1 call ${around}`)
    const many = { ...none, misses: 1, unmatchedCauses: { ...unmatchedCauses, replaced: hosts } }
    expect(renderSummary(many)).toBe(`1 call: 1 miss · 6 calls ${around}, a.example, b.example, …`)
    expect(renderSummary({ ...none, unmatchedCauses: { endpoint: { 'api.openai.com': 1 } } })).toBeUndefined()
  })

  test('of no call is left out', () => {
    expect(renderSummary(none)).toBeUndefined()
  })
})
