import type { RequestFacts, RequestView } from '../provider.ts'
import { vetoOf } from './hosted.ts'
import { text } from './read.ts'
import { isSteadyBody } from './sampling.ts'

/** The facts of a call whose body has `model`, `stream` and the sampling parameters at its top level, as most do. */
export function topLevelFacts(view: RequestView): RequestFacts {
  const { body, params } = view
  const model = params.model ?? text(body.model)
  return { model, stream: body.stream === true, deterministic: isSteadyBody(body), veto: vetoOf(view, model) }
}
