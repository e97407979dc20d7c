import { openaiChat } from '../../../lib/providers/formats/openai-chat.ts'
import { openaiCompletions } from '../../../lib/providers/formats/openai-completions.ts'
import { cases, DONE, json, sse } from './case.ts'
import type { VerdictCase } from './case.ts'
import { chunk, completion } from './openai-chat.ts'

const hi = chunk({ content: 'Hi' })
const stop = chunk({}, 'stop')

/** Azure: filter results before the first choice, in and beside choices. */
const azure = cases(openaiChat, [
  [
    'Azure: a chunk of prompt filter results first',
    sse({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }, hi, stop, DONE),
    'store',
  ],
  [
    'Azure: an answer with filter results',
    json(completion({ content: 'Hi' }, 'stop', { prompt_filter_results: [] })),
    'store',
  ],
  [
    'Azure: a stream that is filtered',
    sse(hi, chunk({}, 'content_filter', { content_filter_results: { hate: { filtered: true } } }), DONE),
    'content-filter',
  ],
])

const openrouter = cases(openaiChat, [
  [
    'OpenRouter: processing comments',
    sse(': OPENROUTER PROCESSING', ': OPENROUTER PROCESSING', hi, stop, DONE),
    'store',
  ],
  [
    'OpenRouter: an error chunk with choices, then the marker',
    sse(hi, { error: { code: 400, message: 'x' }, choices: [{ index: 0, delta: {}, finish_reason: null }] }, DONE),
    'error',
  ],
  [
    'OpenRouter: an error chunk with finish reason length',
    sse(hi, { error: { code: 400 }, choices: [{ index: 0, delta: {}, finish_reason: 'length' }] }, DONE),
    'error',
  ],
  ['OpenRouter: finish reason error', sse(hi, chunk({}, 'error'), DONE), 'error'],
  [
    'OpenRouter: an error inside a choice',
    json({ choices: [{ error: { code: 502 }, message: { content: 'Hi' }, finish_reason: 'stop' }] }),
    'error',
  ],
  [
    'OpenRouter: an error body in a 200',
    json({ error: { code: 502, message: 'Provider returned error' }, user_id: 'u' }),
    'error',
  ],
  [
    'OpenRouter: cost',
    json(
      completion({ content: 'Hi' }, 'stop', {
        usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, cost: 0.0004 },
      }),
    ),
    'store',
    { usage: { inputTokens: 9, outputTokens: 3, cost: 0.0004 } },
  ],
  [
    'OpenRouter: an image',
    json(completion({ content: '', images: [{ type: 'image_url', image_url: { url: 'data:' } }] })),
    'store',
  ],
])

const groq = cases(openaiChat, [
  [
    'Groq: usage in x_groq',
    sse(
      hi,
      { ...stop, x_groq: { id: 'r', usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } } },
      DONE,
    ),
    'store',
    { usage: { inputTokens: 9, outputTokens: 3 } },
  ],
  [
    'Groq: event error, tool_use_failed',
    sse(hi, ['error', { error: { message: 'x', code: 'tool_use_failed' } }]),
    'error',
  ],
  ['Groq: an error in x_groq', sse(hi, { ...stop, x_groq: { id: 'r', error: 'stopped early' } }, DONE), 'error'],
])

const others = cases(openaiChat, [
  [
    'Mistral: parts of content',
    json(
      completion({
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'text', text: 'Hi' },
        ],
      }),
    ),
    'store',
  ],
  [
    'Mistral: thinking alone',
    json(completion({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] })),
    'empty',
  ],
  ['Mistral: finish reason model_length', sse(hi, chunk({}, 'model_length'), DONE), 'store'],
  ['Mistral: finish reason error', sse(hi, chunk({}, 'error'), DONE), 'error'],
  ['Mistral: an error object', json({ object: 'error', message: 'x', type: 'invalid_request_error' }), 'error'],
  ['DeepSeek: keep-alive comments', sse(': keep-alive', hi, stop, DONE), 'store'],
  ['DeepSeek: out of resources', sse(hi, chunk({}, 'insufficient_system_resource'), DONE), 'error'],
  [
    'DeepSeek: cache hit tokens',
    json(
      completion({ content: 'Hi' }, 'stop', {
        usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, prompt_cache_hit_tokens: 8 },
      }),
    ),
    'store',
    { usage: { inputTokens: 9, outputTokens: 3, cachedTokens: 8 } },
  ],
  ['DeepSeek: reasoning, then content', sse(chunk({ reasoning_content: 'Hm' }), hi, stop, DONE), 'store'],
  ['DeepSeek: reasoning alone', sse(chunk({ reasoning_content: 'Hm' }), stop, DONE), 'empty'],
  [
    'xAI: reasoning counted in the total only, cost in ticks',
    json(
      completion({ content: 'Hi' }, 'stop', {
        usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 52, cost_in_usd_ticks: 5000000 },
      }),
    ),
    'store',
    { usage: { inputTokens: 9, outputTokens: 43, cost: 0.0005 } },
  ],
  [
    'Perplexity: citations and cost',
    json(
      completion({ content: 'Hi' }, 'stop', {
        citations: ['https://example.com'],
        usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, cost: { total_cost: 0.006 } },
      }),
    ),
    'store',
    { usage: { inputTokens: 9, outputTokens: 3, cost: 0.006 } },
  ],
  ['Together: finish reason eos', sse(hi, chunk({}, 'eos'), DONE), 'store'],
  ['Hugging Face: finish reason eos_token', json(completion({ content: 'Hi' }, 'eos_token')), 'store'],
  ['vLLM: object error', sse(hi, { object: 'error', message: 'x', code: 500 }, DONE), 'error'],
  ['vLLM: an aborted request', sse(hi, chunk({}, 'abort'), DONE), 'error'],
  [
    'vLLM: a stop token beside the reason',
    json({ choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop', stop_reason: 128009 }] }),
    'store',
  ],
  ['llama.cpp: a field named error', sse(hi, 'error: {"code":500,"message":"x"}', DONE), 'error'],
  ['llama.cpp: an error in data', sse(hi, { error: { code: 500, message: 'x', type: 'server_error' } }), 'error'],
  ['LM Studio: event error', sse(hi, ['error', { error: { message: 'x' } }], DONE), 'error'],
  [
    'Open WebUI: a finish reason after the reasoning, then content and its own (open-webui#16377)',
    sse(chunk({ reasoning_content: 'Hm' }, 'stop'), hi, stop, DONE),
    'store',
  ],
  [
    'openrag: the last content beside its finish reason, which comes again (openrag#462)',
    sse(chunk({ content: 'Hi' }, 'stop'), stop, DONE),
    'store',
  ],
  ['Writer and watsonx: no marker', sse(hi, stop), 'incomplete'],
  ['Zhipu: a sensitive answer', sse(hi, chunk({}, 'sensitive'), DONE), 'content-filter'],
])

const text = (words: string, finish: string | null = null): object => ({
  object: 'text_completion',
  model: 'm',
  choices: [{ index: 0, text: words, finish_reason: finish }],
})

const completions = cases(openaiCompletions, [
  ['an answer', json(text('Hi', 'stop')), 'store'],
  ['an empty answer', json(text('', 'stop')), 'empty'],
  ['an unfinished answer', json(text('Hi')), 'incomplete'],
  ['a stream', sse(text('H'), text('i', 'stop'), DONE), 'store'],
  ['a stream without its marker', sse(text('H'), text('i', 'length')), 'incomplete'],
  ['an error in a stream', sse(text('H'), { error: { message: 'x' } }, DONE), 'error'],
  ['Mistral: fill in the middle', json(completion({ content: 'return a + b' })), 'store'],
  ['Mistral: fill in the middle as a stream', sse(chunk({ content: 'return' }), stop, DONE), 'store'],
])

/** Hosts that are documented to send no `[DONE]`. */
const unmarked = cases(
  openaiChat,
  [
    ['Perplexity: no [DONE]', sse(hi, stop), 'store'],
    ['Perplexity: no [DONE] and no finish reason', sse(hi), 'incomplete'],
    [
      'Perplexity: no [DONE], one of two choices unfinished',
      sse(hi, chunk({ content: 'b' }, null, { index: 1 }), stop),
      'incomplete',
    ],
    ['Perplexity: no [DONE], content after the finish reason', sse(hi, stop, hi), 'incomplete'],
    ['Perplexity: no [DONE], an error after the finish reason', sse(hi, stop, { error: { message: 'x' } }), 'error'],
  ],
  { marked: false, doneIsOptional: true },
)
export const compatibleCases: readonly VerdictCase[] = [
  ...azure,
  ...openrouter,
  ...groq,
  ...others,
  ...unmarked,
  ...completions,
]
