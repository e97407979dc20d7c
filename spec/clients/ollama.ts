import { Ollama } from 'ollama'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'

const model = 'llama4'
const messages = [{ role: 'user', content: 'Say something.' }]

export const ollama: ClientUnderTest = defineClient<Ollama>({
  name: 'ollama',
  module: import.meta.url,
  retries: false,
  create: ({ origin = 'http://gpu.example:11434' }) => new Ollama({ host: origin }),
  calls: {
    chat: (client) => client.chat({ model, messages }),
    'chat with stream': async (client) => collect(await client.chat({ model, messages, stream: true })),
    generate: (client) => client.generate({ model, prompt: 'Once' }),
    'generate with stream': async (client) => collect(await client.generate({ model, prompt: 'Once', stream: true })),
    embed: (client) => client.embed({ model, input: ['a text', 'another'] }),
  },
})
