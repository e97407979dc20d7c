import htm from 'htm'
import { h, type VNode } from 'preact'

/** Markup with values in it; every value is text, never HTML. */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode | VNode[] = htm.bind(h)

/** What a component gives back. */
export type Markup = VNode | VNode[] | null
