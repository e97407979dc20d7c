import type { Answer, ChatParameters } from '../answer.ts'

/** Another cache, as its users would set it up. */
export interface Peer {
  readonly name: string
  /** Where it does less than an HTTP answer from a read body, or works otherwise. */
  readonly note: string
  /** `bytes` of the body, or the assistant's `text`. */
  readonly gives: 'bytes' | 'text'
  /** Name of the door that its users call through; default the workload's first. */
  readonly door?: string
  /** A package that is no dependency here, being too large: who wants to see it installs it (`npm i --no-save`). */
  readonly needs?: string
  /** Sets it up in front of a provider at `origin`, which gives that answer. */
  open(provider: { readonly origin: string; readonly answer: Answer }): OpenPeer | Promise<OpenPeer>
}

/** A peer that is ready. */
export interface OpenPeer {
  /** The first call goes to the provider, an equal one is a hit. */
  readonly call: (parameters: ChatParameters) => Promise<Uint8Array | string>
  /** Puts its dispatcher in place, where it has one; default one without any cache. */
  readonly enter?: () => void
  readonly close?: () => Promise<void>
}
