import { describe, expect, test } from 'vitest'
import type { MatchRefusal } from '../../../lib/base/reasons.ts'
import { guardRule } from '../../../lib/semantic/guard.ts'

/** As near as vectors get. */
const NEAR = 0.999

const APART: readonly (readonly [MatchRefusal, string, string])[] = [
  ['numbers', 'What happens in 3 days?', 'What happens in 5 days?'],
  ['numbers', 'Where is order 48213?', 'Where is order 48231?'],
  ['numbers', 'How do I cook two eggs?', 'How do I cook three eggs?'],
  ['numbers', 'What is 5+3?', 'What is 5-3?'],
  ['numbers', 'What happened on 2024-03-05?', 'What happened on 2024-05-03?'],
  ['numbers', 'What is -5 in Fahrenheit?', 'What is 5 in Fahrenheit?'],
  ['units', 'How long does it take to walk 5 km?', 'How long does it take to walk 5 miles?'],
  ['units', 'How many points are 5cm?', 'How many points are 5mm?'],
  ['units', 'What can I buy for $50?', 'What can I buy for €50?'],
  ['quoted', 'Translate "dog" into French', 'Translate "cat" into French'],
  ['quoted', 'What does `git add` do?', 'What does `git rm` do?'],
  ['quoted', 'What is printed?\nfor i in x:\n  a()\nb()', 'What is printed?\nfor i in x:\n  a()\n  b()'],
  ['quoted', 'Explain\n\tFoo = 1', 'Explain\n\tfoo = 1'],
  ['symbols', 'What is in config.dev.yaml?', 'What is in config.prod.yaml?'],
  ['symbols', 'What does getUser return?', 'What does setUser return?'],
  ['symbols', 'What is C?', 'What is C++?'],
  ['symbols', 'Summarize https://a.example/x', 'Summarize https://a.example/y'],
  ['names', 'What is the population of Paris?', 'What is the population of Rome?'],
  ['negation', 'Why do I need a passport?', 'Why do I not need a passport?'],
  ['negation', 'Which foods have sugar?', "Which foods don't have sugar?"],
  ['negation', 'How do I log in with a password?', 'How do I log in without a password?'],
  ['opposites', 'How do I enable logging?', 'How do I disable logging?'],
  ['opposites', 'What is the largest planet?', 'What is the smallest planet?'],
  ['opposites', 'How do I buy shares?', 'How do I sell shares?'],
  ['quantity', 'How do I delete all files?', 'How do I delete some files?'],
  ['clause', 'Why do few people vote?', 'Why do a few people vote?'],
  ['question', 'When did the war begin?', 'Why did the war begin?'],
  ['question', 'Can I eat raw eggs?', 'How can I eat raw eggs?'],
  ['question', 'Who is the president of France?', 'Who was the president of France?'],
  ['question', 'Give me a recipe for bread', 'What is a recipe for bread?'],
  ['order', 'How do I convert dollars to euros?', 'How do I convert euros to dollars?'],
  ['order', 'Does the dog bite the man?', 'Does the man bite the dog?'],
  ['clause', 'How do I delete a branch?', 'How do I delete a branch on a server?'],
  ['words', 'How do I prune a rose?', 'How do I prune an apple tree?'],
  ['words', 'what does zod validate?', 'what does yup validate?'],
  ['words', 'What does the US export?', 'What does us export?'],
  ['words', 'Is a tomato a fruit?', 'Is a tomato a vegetable?'],
  ['words', 'How do I change my password?', 'How do I change your password?'],
  ['case', 'Is 100 Mb enough?', 'Is 100 MB enough?'],
  ['case', 'How long is 5 m?', 'How long is 5 M?'],
  ['case', 'What is Mg?', 'What is mg?'],
  ['case', 'What is the value of x?', 'What is the value of X?'],
  ['case', 'What is the value of x and X?', 'What is the value of x and x?'],
  ['case', 'Reverse dog', 'Reverse DOG'],
  ['case', '$PATH', '$path'],
  ['case', 'us visa', 'US visa'],
  ['case', 'polish shoes', 'Polish shoes'],
  ['case', 'What is the Map in JS?', 'What is the map in JS?'],
  ['case', 'Was ist ein Weg?', 'Was ist ein weg?'],
  ['question', 'It works', 'It works?'],
  ['question', 'The server is down', 'The server is down?'],
  ['form', 'How do I sort a list?', 'How do I sort the list?'],
  ['form', 'What is the best book on history?', 'What is the best books on history?'],
  ['form', 'What is the cloud?', 'What is a cloud?'],
  ['form', 'What is a language?', 'What is language?'],
  ['symbols', 'What does ; do in C?', 'What does : do in C?'],
  ['clause', 'How do I find my IP address?', 'How do I find an IP address?'],
  ['names', 'Was kostet ein Auto?', 'Was kostet ein Haus?'],
  ['words', 'Ist das sicher?', 'Ist das unsicher?'],
  ['words', '東京の人口は？', '大阪の人口は？'],
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
]

const SAME: readonly (readonly [string, string])[] = [
  ['How do I cook rice?', 'How should I cook rice?'],
  ['Please explain recursion.', 'Explain recursion'],
  ["What's the weather like in Paris in winter?", 'What is the weather like in Paris in winter?'],
  ['How do I reset my password?', 'How can I reset my password'],
  ['How do I reset my password?', 'What is the best way to reset my password?'],
  ['How do you reset your password?', 'How to reset my password'],
  ['How do I delete a file?', '  How do I delete files?\n'],
  ['What is a black hole?', 'What are black holes?'],
  ['How do I sort a list?', 'How to sort list'],
  ['How long is 5 mile?', 'How long is 5 miles?'],
  ['Can I cancel my order?', 'Is it possible to cancel my order?'],
  ['Which river is the longest?', 'What is the longest river?'],
  ['Why is the sky blue?', 'What is the reason why the sky is blue?'],
  ['Whats the colour of the sky', "What's the color of the sky?"],
  ['How to reset my password', 'Could you tell me how to reset my password, please?'],
  ['How do I reset my password?', 'I would like to know how I can reset my password.'],
  ['How do I install Docker on Ubuntu?', 'What are the steps to install Docker on Ubuntu?'],
  ['In Python, how do I sort a list?', 'How do I sort a list in Python?'],
  ["What's the capital of France?", "What is France's capital?"],
  ['What is the capital of France?', 'Tell me the capital of France.'],
  ['What is the capital of France?', 'Do you know what the capital of France is?'],
  ['What is the capital city of France?', 'what is the capital of france'],
  ['How does photosynthesis work?', 'Can you explain how photosynthesis works?'],
  ['What is recursion?', 'Explain recursion.'],
  ['What does idempotent mean?', 'What is the meaning of idempotent?'],
  ['How much does a bicycle cost?', 'What is the price of a bicycle?'],
  ['Hi! How do I delete a git branch? Thanks!', 'how can I remove a git branch?'],
  ['How do I walk 1,000 kilometers?', 'How do I walk 1000 kilometres?'],
  ['WHAT IS RECURSION?', 'what is recursion'],
  ['Wie setze ich mein Passwort zurück?', 'wie setze ich mein passwort zurück'],
  ['東京の人口は？', '東京の人口は'],
]

describe('two questions are kept apart', () => {
  test.each(APART)('by %s: %s / %s', (rule, a, b) => {
    expect(guardRule(a, b, NEAR)).toBe(rule)
    expect(guardRule(b, a, NEAR)).toBe(rule)
  })

  test('in a language without word lists from a lower similarity on', () => {
    const [a, b] = ['Wie setze ich mein Passwort zurück?', 'wie setze ich mein passwort zurück']
    expect([guardRule(a, b, 0.96), guardRule(a, b, 0.97)]).toEqual(['language', undefined])
  })
})

describe('two questions are one', () => {
  test.each(SAME)('%s / %s', (a, b) => {
    expect(guardRule(a, b, NEAR)).toBeUndefined()
    expect(guardRule(b, a, NEAR)).toBeUndefined()
  })
})
