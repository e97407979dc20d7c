/** Paths of what may be rewritten in a format, both in a document and in the data of an event. */
export interface RewriteFields {
  /** The answer's id. */
  readonly id?: readonly string[]
  /** A member that must be `false`, or ids stay: a later call may refer to an answer that the provider keeps. */
  readonly idUnlessKept?: readonly string[]
  /** The time of the answer: seconds, milliseconds or ISO 8601. */
  readonly created?: readonly string[]
  /** Counts of tokens and costs, or objects that hold nothing but such numbers. */
  readonly usage?: readonly string[]
}

const CHUNKS: RewriteFields = { id: ['id'], created: ['created'], usage: ['usage', 'x_groq.usage'] }
const LINES: RewriteFields = { created: ['created_at'], usage: ['prompt_eval_count', 'eval_count'] }
const COHERE: RewriteFields = { id: ['id'], usage: ['usage', 'delta.usage', 'meta.billed_units', 'meta.tokens'] }

/** By the id of the format. */
export const REWRITE_FIELDS: ReadonlyMap<string, RewriteFields> = new Map<string, RewriteFields>([
  ['openai-chat', CHUNKS],
  ['openai-completions', CHUNKS],
  ['openai-embeddings', CHUNKS],
  ['openai-moderations', { id: ['id'] }],
  [
    'openai-responses',
    {
      id: ['id', 'response.id'],
      // A later `previous_response_id` needs the real one.
      idUnlessKept: ['store', 'response.store'],
      created: ['created_at', 'response.created_at'],
      usage: ['usage', 'response.usage'],
    },
  ],
  ['anthropic-messages', { id: ['id', 'message.id'], usage: ['usage', 'message.usage'] }],
  ['gemini-generate', { id: ['responseId'], created: ['createTime'], usage: ['usageMetadata'] }],
  ['cohere-chat', COHERE],
  ['cohere-embed', COHERE],
  ['rerank', COHERE],
  ['ollama-chat', LINES],
  ['ollama-generate', LINES],
  ['ollama-embed', LINES],
])
