import type { RequestFacts, RequestView } from '../provider.ts'
import { vetoOf } from './hosted.ts'
import { text } from './read.ts'
import { isSteadyBody } from './sampling.ts'

/** What a call asks for whose body has `model`, `stream` and the sampling at its top, as most have. */
export function topLevelFacts(view: RequestView): RequestFacts {
  const { body, params } = view
  const model = params.model ?? text(body.model)
  return { model, stream: body.stream === true, deterministic: isSteadyBody(body), veto: vetoOf(view, model) }
}
