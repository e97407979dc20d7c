import { expect, test } from 'vitest'
import { sentenceEmbedder } from '../../support/embedders.ts'
import { setUpMatching } from './asking.ts'

const ASKED = 'How do I reset my password?'

test('with a real embedder a paraphrase is answered, and what is near but not the same goes live', async () => {
  const { ask } = await setUpMatching({ embed: sentenceEmbedder, id: 'use-lite', timeout: 60 })
  await ask(ASKED)
  const answers = []
  for (const text of [
    'How can I reset my password?',
    'How do I reset my username?',
    'How do I reset your password?',
    'Why do I reset my password?',
    'How do I not reset my password?',
  ]) {
    answers.push((await ask(text, { headers: { 'x-llm-cache': 'read-only' } })).cache)
  }
  expect(answers).toEqual(['HIT', 'MISS', 'MISS', 'MISS', 'MISS'])
})
