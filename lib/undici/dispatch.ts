import type { Dispatcher } from 'undici'

/** undici's `dispatch`. */
export type Dispatch = Dispatcher['dispatch']

/** An interceptor for `dispatcher.compose`. */
export type Interceptor = (dispatch: Dispatch) => Dispatch
