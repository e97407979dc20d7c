import type { AnswerEvent, Format } from '../provider.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { isFilled, text } from './read.ts'
import { isSteady } from './sampling.ts'
import { openaiUsage } from './usage.ts'

/**
 * Transcriptions and translations. Takes a form; answers with JSON, plain text, subtitles or a stream of events.
 * https://docs.mistral.ai/capabilities/audio_transcription has its own event names.
 */
export const openaiAudio: Format = {
  id: 'openai-audio',
  docs: 'https://platform.openai.com/docs/api-reference/audio',
  ordered: [],
  streamField: { name: 'stream', default: false },
  inspect({ body, params }) {
    return {
      model: params.model ?? text(body.model),
      stream: body.stream === true || body.stream === 'true',
      deterministic: isSteady(body.temperature),
      veto: undefined,
    }
  },
  observe(event, answer) {
    if (isObject(event.data)) observeData(event, event.data, answer)
    else if (!event.stream && typeof event.data === 'string') noteTranscript(event.data, answer)
  },
}

function observeData(event: AnswerEvent, data: JsonObject, answer: Answer): void {
  if (!event.stream) {
    if (typeof data.text !== 'string') return
    noteTranscript(data.text, answer)
  } else {
    answer.needsMarker = true
    const type = text(data.type) ?? event.name
    if (type !== 'transcript.text.done' && type !== 'transcription.done') return
    answer.ended = true
    noteTranscript(text(data.text) ?? '', answer)
  }
  answer.usage = openaiUsage(data.usage) ?? answer.usage
}

function noteTranscript(transcript: string, answer: Answer): void {
  const choice = answer.choice(0)
  choice.finished = true
  choice.content = isFilled(transcript.trim())
}
