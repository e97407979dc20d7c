import { isPromiseLike } from '../base/promises.ts'
import type { Refusal } from '../base/reasons.ts'
import { isEncoded } from '../wire/streamed-decoding.ts'
import { type Head, headerOf } from '../undici/head.ts'
import type { Judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { LiveRecording } from '../replay/live-recording.ts'

/** How an answer ended: whole, by a fault of the network, or because its callers left. */
export type Ending = 'clean' | Extract<Refusal, 'network' | 'aborted'>

/** What an admission needs of the cache around it. */
export interface AdmissionHooks {
  /** A judge for the answer, or why it will not be stored. */
  readonly judge: (head: Head, onTurn: (verdict: Verdict) => void) => Judge | Refusal
  /** The answer is whole so far: store it, or say why not. Called again when more has come after the end marker. */
  readonly store: (recording: LiveRecording, verdict: Verdict & { store: true }) => Refusal | undefined
  /** Take the answer back: what came after the end marker speaks against it. */
  readonly retract: () => void
  /** The answer will not be stored. Once. */
  readonly refused: (reason: Refusal) => void
  /** Something broke inside. The answer goes on unharmed. */
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
  /** Bytes of the recording that the judge was given. */
  #heard = 0
  #storedSize = -1
  #isSlow = false
  /** Whether it is being judged right now: what the store does may lead back here. */
  #isBusy = false
  #isOver = false

  /** `onRefused`: the answer will not be stored. Once. */
  constructor(recording: LiveRecording, hooks: AdmissionHooks, onRefused: () => void) {
    this.#recording = recording
    this.#hooks = hooks
    this.#onRefused = onRefused
  }

  /** Whether the answer may still be stored, so that all that comes has to be kept. */
  get isOpen(): boolean {
    return this.#verdict?.store !== false
  }

  /** Whether what has come so far is in the store. */
  get stored(): boolean {
    return this.#storedSize >= 0
  }

  /** Bytes that have come and are not judged yet. */
  get behind(): number {
    return this.#recording.size - this.#heard
  }

  /** Whether the verdict comes after the last byte: a content coding is undone in its own time. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  /** The head has come. */
  begin(head: Head): void {
    this.#isSlow = isEncoded(headerOf(head.headers, 'content-encoding'))
    if (head.status !== 200) this.refuse('status')
  }

  /** Judges what has come since the last time. */
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

  /** The answer will not be stored, or is taken back. No effect if it was refused before. */
  refuse(reason: Refusal): void {
    if (!this.isOpen) return
    this.#verdict = { store: false, reason }
    this.#judge = undefined
    if (this.stored) this.#guard(() => this.#hooks.retract())
    this.#hooks.refused(reason)
    this.#onRefused()
  }

  /**
   * No more comes: stores or refuses for good, and calls `onVerdict` right before. A promise where the verdict is slow;
   * it never rejects.
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

  /** Makes the judge with the first bytes, so that the head need not wait for it. */
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
