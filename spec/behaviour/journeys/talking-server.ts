import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that answers while it is still being told. */
export interface TalkingServer {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** Opens one; `talk` is given each exchange. */
export async function openTalkingServer(
  talk: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TalkingServer> {
  const server = createServer(talk)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // A listening TCP server has an AddressInfo.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Says each thing that it hears, at once. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  request.on('data', (heard: Buffer) => response.write(`<${heard}>`))
  request.on('end', () => response.end())
}
