/** Paths of what may be rewritten in one format. They apply to documents and to the data of events. */
export interface RewriteFields {
  /** The answer's id. */
  readonly id?: readonly string[]
  /** Ids change only if this member is `false`: a later call may refer to an answer that the provider keeps. */
  readonly idUnlessKept?: readonly string[]
  /** Time of the answer: seconds, milliseconds or ISO 8601. */
  readonly created?: readonly string[]
  /** Token counts and costs, or objects that contain only such numbers. */
  readonly usage?: readonly string[]
}

const CHUNKS: RewriteFields = { id: ['id'], created: ['created'], usage: ['usage', 'x_groq.usage'] }
const LINES: RewriteFields = { created: ['created_at'], usage: ['prompt_eval_count', 'eval_count'] }
const COHERE: RewriteFields = { id: ['id'], usage: ['usage', 'delta.usage', 'meta.billed_units', 'meta.tokens'] }

/** Paths by format id. */
export const REWRITE_FIELDS: ReadonlyMap<string, RewriteFields> = new Map<string, RewriteFields>([
  ['openai-chat', CHUNKS],
  ['openai-completions', CHUNKS],
  ['openai-embeddings', CHUNKS],
  ['openai-moderations', { id: ['id'] }],
  [
    'openai-responses',
    {
      id: ['id', 'response.id'],
      // A later `previous_response_id` must name the id that OpenAI knows.
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
