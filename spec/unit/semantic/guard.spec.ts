import { describe, expect, it } from 'vitest'
import { guardRule } from '../../../lib/semantic/guard.ts'

describe('the guard', () => {
  it.each([
    ['How do I reset my password?', 'How can I reset my password?'],
    ['What is the capital of France?', 'Tell me the capital of France.'],
    ["What's the weather like in Paris in winter?", 'What is the weather like in Paris in winter?'],
    ['Please explain recursion.', 'Explain recursion'],
    ['How do I cook rice?', 'How should I cook rice?'],
    ['Could you tell me how photosynthesis works?', 'How does photosynthesis work?'],
  ])('takes %j and %j for the same', (a, b) => {
    expect([guardRule(a, b, 0.97), guardRule(b, a, 0.97)]).toEqual([undefined, undefined])
  })

  it.each([
    ['numbers', 'Convert 5 miles to km', 'Convert 6 miles to km'],
    ['numbers', 'Order 12345 status', 'Order 12346 status'],
    ['quoted', 'Translate "dog" to French', 'Translate "cat" to French'],
    ['opposites', 'How do I enable dark mode?', 'How do I disable dark mode?'],
    ['opposites', 'Is it safe to take ibuprofen with alcohol?', 'Is it unsafe to take ibuprofen with alcohol?'],
    ['opposites', 'Is the server up?', 'Is the server down?'],
    ['negation', 'Is Pluto a planet?', 'Is Pluto not a planet?'],
    ['negation', 'How to install node', 'How to install node without sudo'],
    ['quantity', 'List all users', 'List some users'],
    ['quantity', 'first president of the US', 'second president of the US'],
    ['question', 'When was Python created?', 'Why was Python created?'],
    ['order', 'How do I get from London to Paris?', 'How do I get from Paris to London?'],
    ['order', 'dog bites man', 'man bites dog'],
    ['clause', 'Should I use tabs or spaces?', 'Should I use tabs?'],
    ['words', 'How do I cook rice?', 'How do I cook pasta?'],
  ])('keeps apart by %s: %j, %j', (rule, a, b) => {
    expect([guardRule(a, b, 0.99), guardRule(b, a, 0.99)]).toEqual([rule, rule])
  })
})
