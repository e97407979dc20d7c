import { InMemoryCache } from '@langchain/core/caches'
import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { textOf } from '../answer.ts'
import type { Peer } from './peer.ts'

/** LangChain's cache of model results. */
export const langchain: Peer = {
  name: 'LangChain InMemoryCache',
  note: 'inside LangChain: no HTTP call, no bytes; hands out a message object',
  gives: 'text',
  open({ answer }) {
    const model = new FakeListChatModel({ responses: [textOf(answer)], cache: new InMemoryCache() })
    return {
      async call({ messages }) {
        const input = messages.map(({ role, content }) =>
          role === 'system' ? new SystemMessage(content) : new HumanMessage(content),
        )
        const { content } = await model.invoke(input)
        return String(content)
      },
    }
  },
}
