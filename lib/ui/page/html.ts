import htm from 'htm'
import { h, type VNode } from 'preact'

/** Builds elements from a template. Values are inserted as text, never as HTML. */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode | VNode[] = htm.bind(h)

/** What a component returns. */
export type Markup = VNode | VNode[] | null
