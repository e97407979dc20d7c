import { useEffect, useState } from 'preact/hooks'
import type { AnswerView } from '../answer-view.ts'
import type { AnswerResult } from '../routes.ts'
import { getAnswer } from './api.ts'
import { html, type Markup } from './html.ts'

/** The API key that was typed last. Kept only here, so it is gone when the page is closed or reloaded. */
let given = ''

/** Shows the answer of an entry, on demand; asks for the API key that unseals it. */
export function Answer({ entryKey }: { entryKey: string }): Markup {
  const [result, setResult] = useState<AnswerResult | 'failed'>()
  const [credential, setCredential] = useState(given)
  useEffect(() => setResult(undefined), [entryKey])
  const show = (event: Event): void => {
    event.preventDefault()
    given = credential
    getAnswer(entryKey, credential).then(setResult, () => setResult('failed'))
  }
  const answer = typeof result === 'object' && 'answer' in result ? result.answer : undefined
  return html`<section>
    <h2>Answer</h2>
    ${
      answer === undefined
        ? html`<form class="bar-of" onSubmit=${show}>
            <label>
              API key of the call, where the store is sealed
              <input
                type="password"
                autocomplete="off"
                value=${credential}
                onInput=${(input: { currentTarget: HTMLInputElement }) => setCredential(input.currentTarget.value)}
              />
            </label>
            <button type="submit">Show the answer</button>
          </form>`
        : html`<${Shown} answer=${answer} />`
    }
    <p role="status">${problemOf(result)}</p>
  </section>`
}

function problemOf(result: AnswerResult | 'failed' | undefined): string {
  if (result === 'failed') return 'The answer could not be read.'
  if (result === undefined || 'answer' in result) return ''
  return result.missing === 'sealed'
    ? 'This key does not open it: answers are sealed under the API key of the call.'
    : 'The answer can not be decoded.'
}

function Shown({ answer }: { answer: AnswerView }): Markup {
  const { text, calls, finish, raw, isCut, pieces, headers, status } = answer
  const source = [...headers.map((pair) => pair.join(': ')), '', isCut ? `${raw} …` : raw].join('\n')
  return html`${text === '' ? null : html`<pre class="text">${text}</pre>`}
    ${calls.map(
      ([name, args]) =>
        html`<div class="call">
          <b>Tool call</b> <code>${name}</code>
          <pre>${args}</pre>
        </div>`,
    )}
    ${isCut ? html`<p class="note">It is longer than what is shown here.</p>` : null}
    ${finish.length === 0 ? null : html`<p>Finished: <code>${finish.join(', ')}</code></p>`}
    ${pieces.length === 0 ? null : html`<${Player} pieces=${pieces} />`}
    <details>
      <summary>Response as stored: status ${status}</summary>
      <pre>${source}</pre>
    </details>`
}

/** Plays a stream at the pace at which it came. */
function Player({ pieces }: { pieces: AnswerView['pieces'] }): Markup {
  const [startedAt, start] = useState<number>()
  const [shown, show] = useState(0)
  useEffect(() => {
    const next = pieces[shown]
    if (startedAt === undefined || next === undefined) return undefined
    const timer = setTimeout(() => show(shown + 1), Math.max(0, startedAt + next[0] * 1000 - performance.now()))
    return () => clearTimeout(timer)
  }, [startedAt, shown])
  const play = (): void => {
    show(0)
    start(performance.now())
  }
  const text = pieces.slice(0, shown).map(([, piece]) => piece)
  return html`<div class="player">
    <button type="button" onClick=${play}>${startedAt === undefined ? 'Play the stream' : 'Play again'}</button>
    <span class="none"> ${(pieces.at(-1)?.[0] ?? 0).toFixed(2)} s, ${pieces.length} pieces</span>
    ${startedAt === undefined ? null : html`<pre class="text" role="group" aria-label="The stream, played">${text.join('')}</pre>`}
  </div>`
}
