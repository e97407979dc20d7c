import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { listen } from './listen.ts'

/** A forward proxy on this machine. */
export interface Proxy {
  readonly origin: string
  /** What it was asked for, by CONNECT or by absolute address. */
  readonly asked: readonly string[]
}

/** A proxy that tunnels and forwards, for the running spec. */
export async function startProxy(): Promise<Proxy> {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '')
    forward(incoming, response)
  })
  server.on('connect', (incoming: IncomingMessage, socket: Duplex) => {
    asked.push(`CONNECT ${incoming.url}`)
    tunnel(incoming.url ?? '', socket)
  })
  return { origin: await listen(server), asked }
}

function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const onward = request(
    incoming.url ?? '',
    { method: incoming.method ?? 'GET', headers: incoming.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}

function tunnel(target: string, socket: Duplex): void {
  const [host = '', port = ''] = target.split(':')
  const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 Connection Established\r\n\r\n'))
  onward.pipe(socket).pipe(onward)
  // Either side may go first.
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
}
