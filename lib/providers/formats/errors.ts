import type { ErrorShape } from '../provider.ts'

/** https://platform.openai.com/docs/guides/error-codes */
export const openaiError: ErrorShape = (message) => ({
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
})

/** https://platform.claude.com/docs/en/api/errors */
export const anthropicError: ErrorShape = (message) => ({
  body: { type: 'error', error: { type: 'invalid_request_error', message } },
})

/** https://cloud.google.com/apis/design/errors#http_mapping */
export const googleError: ErrorShape = (message) => ({
  body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } },
})

/** https://docs.cohere.com/reference/errors */
export const cohereError: ErrorShape = (message) => ({ body: { message } })

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors */
export const bedrockError: ErrorShape = (message) => ({
  body: { message },
  headers: ['x-amzn-errortype', 'ValidationException'],
})

/** https://docs.ollama.com/api/errors */
export const ollamaError: ErrorShape = (message) => ({ body: { error: message } })
