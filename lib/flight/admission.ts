import { isPromiseLike } from '../base/promises.ts'
import type { Refusal } from '../base/reasons.ts'
import { isEncoded } from '../wire/streamed-decoding.ts'
import { type Head, headerOf } from '../undici/head.ts'
import type { Judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { LiveRecording } from '../replay/live-recording.ts'

/** How an answer ended: cleanly, by a network failure, or because its callers left. */
export type Ending = 'clean' | Extract<Refusal, 'network' | 'aborted'>

/** What an admission needs of the cache around it. */
export interface AdmissionHooks {
  /** Returns a judge for the answer, or the reason why it will not be stored. */
  readonly judge: (head: Head, onTurn: (verdict: Verdict) => void) => Judge | Refusal
  /** The answer is whole so far: stores it, or returns why not. Called again if more arrives after the end marker. */
  readonly store: (recording: LiveRecording, verdict: Verdict & { store: true }) => Refusal | undefined
  /** Removes the answer again, because of what followed the end marker. */
  readonly retract: () => void
  /** Called once if the answer will not be stored. */
  readonly refused: (reason: Refusal) => void
  /** Called if something fails inside. The answer itself goes on. */
  readonly broken: (error: unknown) => void
}

/**
 * Decides whether one answer is stored. Its judge reads from the recording, so it may be behind the callers; {@link
 * catchUp} brings it up to date.
 */
export class Admission {
  readonly #recording: LiveRecording
  readonly #hooks: AdmissionHooks
  readonly #onRefused: () => void
  #judge: Judge | undefined
  #verdict: Verdict | undefined
  /** Bytes of the recording that the judge has read. */
  #heard = 0
  #storedSize = -1
  #isSlow = false
  /** Whether it is being judged at the moment: storing may call back into this. */
  #isBusy = false
  #isOver = false

  /** @param onRefused called once if the answer will not be stored */
  constructor(recording: LiveRecording, hooks: AdmissionHooks, onRefused: () => void) {
    this.#recording = recording
    this.#hooks = hooks
    this.#onRefused = onRefused
  }

  /** Whether the answer may still be stored, so that everything that arrives must be kept. */
  get isOpen(): boolean {
    return this.#verdict?.store !== false
  }

  /** Whether everything so far is stored. */
  get stored(): boolean {
    return this.#storedSize >= 0
  }

  /** Bytes that have arrived but are not judged yet. */
  get behind(): number {
    return this.#recording.size - this.#heard
  }

  /** Whether the verdict follows the last byte asynchronously, because of a content coding. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  /** Called with the head. */
  begin(head: Head): void {
    this.#isSlow = isEncoded(headerOf(head.headers, 'content-encoding'))
    if (head.status !== 200) this.refuse('status')
  }

  /** Judges what has arrived since the last time. */
  catchUp(): void {
    if (!this.isOpen || this.#isBusy || this.#isOver) return
    this.#isBusy = true
    this.#guard(() => {
      if (this.#judge === undefined) this.#appoint()
      for (const bytes of this.#recording.from(this.#heard)) {
        this.#heard += bytes.length
        this.#judge?.write(bytes)
      }
    })
    this.#isBusy = false
  }

  /** Refuses the answer, or removes it again. No effect if it was refused before. */
  refuse(reason: Refusal): void {
    if (!this.isOpen) return
    this.#verdict = { store: false, reason }
    this.#judge = undefined
    if (this.stored) this.#guard(() => this.#hooks.retract())
    this.#hooks.refused(reason)
    this.#onRefused()
  }

  /**
   * Called at the end: stores or refuses the answer for good, and calls `onVerdict` right before. Returns a promise if
   * the verdict is slow, which never rejects.
   */
  finish(ending: Ending, onVerdict?: () => void): Promise<void> | undefined {
    this.catchUp()
    let verdict: ReturnType<Judge['finish']> | undefined
    this.#guard(() => {
      verdict = this.#judge?.finish(ending === 'clean')
    })
    if (isPromiseLike(verdict)) return this.#await(verdict, ending, onVerdict)
    onVerdict?.()
    this.#conclude(verdict, ending)
    return undefined
  }

  /** Creates the judge with the first bytes, so that the head need not wait for it. */
  #appoint(): void {
    const { head } = this.#recording
    if (head === undefined) return
    const judge = this.#hooks.judge(head, (verdict) => this.#turn(verdict))
    if (typeof judge === 'string') this.refuse(judge)
    else this.#judge = judge
  }

  async #await(late: PromiseLike<Verdict>, ending: Ending, onVerdict: (() => void) | undefined): Promise<void> {
    let verdict: Verdict | undefined
    try {
      verdict = await late
    } catch (error) {
      this.#break(error)
    }
    onVerdict?.()
    this.#conclude(verdict, ending)
  }

  #turn(verdict: Verdict): void {
    if (!this.isOpen) return
    if (!verdict.store) return this.refuse(verdict.reason)
    this.#verdict = verdict
    this.#store(verdict)
  }

  #store(verdict: Verdict & { store: true }): void {
    if (this.#storedSize === this.#recording.size) return
    this.#storedSize = this.#recording.size
    this.#guard(() => {
      const refusal = this.#hooks.store(this.#recording, verdict)
      if (refusal !== undefined) this.refuse(refusal)
    })
  }

  #conclude(verdict: Verdict | undefined, ending: Ending): void {
    this.#isOver = true
    this.#judge = undefined
    if (!this.isOpen) return
    if (verdict?.store === true) this.#store(verdict)
    else this.refuse(whyNot(verdict, ending))
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#break(error)
    }
  }

  #break(error: unknown): void {
    this.#hooks.broken(error)
    this.refuse('internal')
  }
}

function whyNot(verdict: Verdict | undefined, ending: Ending): Refusal {
  const isCut = verdict === undefined || (!verdict.store && verdict.reason === 'incomplete')
  if (ending !== 'clean' && isCut) return ending
  return verdict?.store === false ? verdict.reason : 'incomplete'
}
