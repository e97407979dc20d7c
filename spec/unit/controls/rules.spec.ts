import { describe, expect, it } from 'vitest'
import { compileRules, type Rule, type RuleFacts, type RuleMatch } from '../../../lib/controls/rules.ts'

const CALL: RuleFacts = { provider: 'openai', model: 'gpt-4o', host: 'api.openai.com', path: '/v1/chat/completions' }

function matches(match: RuleMatch, call: Partial<RuleFacts> = {}): boolean {
  return compileRules([{ match, ttl: 1 }])?.({ ...CALL, ...call }) !== undefined
}

describe('compileRules', () => {
  const yes: readonly (readonly [match: RuleMatch, call: Partial<RuleFacts>])[] = [
    [{}, {}],
    [{}, { model: undefined }],
    [{ provider: 'openai' }, {}],
    [{ provider: '{anthropic,openai}' }, {}],
    [{ model: '*' }, { model: 'openai/gpt-4o' }],
    [{ model: 'gpt-*' }, { model: 'gpt-4.1-mini' }],
    [{ model: 'openai/gpt-*' }, { model: 'openai/gpt-5' }],
    [{ model: '*llama*' }, { model: 'meta-llama/llama-3.1:free' }],
    [{ model: 'meta-llama/**' }, { model: 'meta-llama/Llama-3.1-8B-Instruct:novita' }],
    [{ model: 'anthropic.claude-*' }, { model: 'anthropic.claude-sonnet-4-v1:0' }],
    [{ model: 'claude-*' }, { model: 'claude-3-5@20240620' }],
    [{ model: '!gpt-*' }, { model: 'o3' }],
    [{ model: '*' }, { model: '.hidden' }],
    [{ model: 'accounts/fireworks/models/qwen3' }, { model: 'accounts/fireworks/models/qwen3' }],
    [{ host: '*.openai.azure.com' }, { host: 'Mine.OpenAI.azure.com' }],
    [{ host: 'API.openai.com' }, {}],
    [{ host: 'localhost:*' }, { host: 'localhost:8000' }],
    [{ path: '/v1/*' }, {}],
    [{ path: '/v1/**' }, {}],
    [{ path: '**/completions' }, {}],
    [{ provider: 'openai', model: 'gpt-*', host: 'api.*', path: '/v1/chat/*' }, {}],
  ]
  it.each(yes)('%j matches %j', (match, call) => {
    expect(matches(match, call)).toBe(true)
  })

  const no: readonly (readonly [match: RuleMatch, call: Partial<RuleFacts>])[] = [
    [{ provider: 'open' }, {}],
    [{ model: 'gpt-*' }, { model: 'openai/gpt-4o' }],
    [{ model: 'gpt-*' }, { model: 'GPT-4' }],
    [{ model: 'gpt-4' }, {}],
    [{ model: 'gpt.4o' }, {}],
    [{ model: '*' }, { model: undefined }],
    [{ model: '!gpt-*' }, {}],
    [{ host: 'openai.com' }, {}],
    [{ host: '*.openai.com' }, { host: 'openai.com.evil.example' }],
    [{ path: '/v2/*' }, {}],
    [{ provider: 'openai', model: 'o*' }, {}],
  ]
  it.each(no)('%j does not match %j', (match, call) => {
    expect(matches(match, call)).toBe(false)
  })

  it('gives the first rule that matches, alone', () => {
    const find = compileRules([
      { match: { model: 'o*' }, ttl: 1 },
      { match: { model: 'gpt-*' }, ttl: 2 },
      { match: {}, ttl: 3, namespace: 'n' },
    ])
    expect(find?.(CALL)).toMatchObject({ ttl: 2 })
    expect(find?.(CALL)?.namespace).toBeUndefined()
    expect(find?.({ ...CALL, model: 'x' })).toMatchObject({ ttl: 3, namespace: 'n' })
    expect(compileRules([])).toBeUndefined()
  })

  const wrong: readonly (readonly [rule: unknown, message: RegExp])[] = [
    [null, /^rules\[0\] must be an object, not null$/],
    [[], /^rules\[0\] must be an object, not an array$/],
    [{ ttl: 5 }, /^rules\[0\]\.match must be an object, not undefined$/],
    [{ match: 'gpt-*' }, /^rules\[0\]\.match must be an object, not "gpt-\*"$/],
    [{ match: { modle: 'x' } }, /^rules\[0\]\.match\.modle does not exist; the nearest name is model$/],
    [{ match: { model: 5 } }, /^rules\[0\]\.match\.model must be a string .*, not 5$/],
    [{ match: { model: '' } }, /^rules\[0\]\.match\.model must be a string/],
    [{ match: {}, tll: 5 }, /^rules\[0\]\.tll does not exist; the nearest name is ttl$/],
    [{ match: {}, ttl: 0 }, /^rules\[0\]\.ttl must be an integer from 1 to 2592000, not 0$/],
    [{ match: {}, ttl: '60' }, /^rules\[0\]\.ttl must be an integer .*, not "60"$/],
    [{ match: {}, policy: 'none' }, /^rules\[0\]\.policy must be 'all' or 'deterministic' or 'opt-in'/],
    [{ match: {}, namespace: 'n'.repeat(257) }, /^rules\[0\]\.namespace must be a string of 1 to 256 characters/],
    [{ match: {}, tags: ['a', 5] }, /^rules\[0\]\.tags\[1\] must be a string/],
    [{ match: {}, tags: 'a' }, /^rules\[0\]\.tags must be an array of strings/],
    [{ match: {}, enabled: 'no' }, /^rules\[0\]\.enabled must be true or false/],
    [{ match: {}, hosted: true }, /^rules\[0\]\.hosted must be 'bypass' or 'cache', not true$/],
    [{ match: {}, samples: 1001 }, /^rules\[0\]\.samples must be an integer from 1 to 1000, not 1001$/],
  ]
  it.each(wrong)('refuses %j', (rule, message) => {
    // What JavaScript callers can pass is no Rule.
    expect(() => compileRules([rule as Rule])).toThrow(message)
    expect(() => compileRules([rule as Rule])).toThrow(TypeError)
  })

  it('names the rule that is wrong', () => {
    expect(() => compileRules([{ match: {} }, { match: {}, ttl: 1.5 }])).toThrow(/^rules\[1\]\.ttl/)
  })
})
