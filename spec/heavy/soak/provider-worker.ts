import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { createGzip, constants } from 'node:zlib'
import { answerTo, ERROR_BODY, ERROR_TAIL, promptOf } from './answer.ts'
import { HARMLESS, type Trouble } from './plan.ts'

let open = 0

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const { prompt, stream } = promptOf(body)
  // What the soak's callers send.
  const trouble = JSON.parse(String(request.headers['x-soak-trouble'])) as Trouble
  response.setHeader('x-soak-served', trouble.kind)
  if (!HARMLESS.has(trouble.kind)) parentPort?.postMessage({ harmed: hash('sha256', body) })
  const type = { 'content-type': stream ? 'text/event-stream' : 'application/json' }
  const pieces = answerTo(prompt, stream)
  switch (trouble.kind) {
    case 'status': {
      const headers = { 'content-type': 'application/json', 'retry-after-ms': '1' }
      return void response.writeHead(trouble.status, headers).end(ERROR_BODY)
    }
    case 'reset':
      if (trouble.after > 0) await send(response.writeHead(200, type), pieces.slice(0, trouble.after))
      return void request.socket.resetAndDestroy()
    case 'truncate':
      await send(response.writeHead(200, type), pieces.slice(0, trouble.after))
      return void response.end()
    case 'error':
      await send(response.writeHead(200, type), stream ? pieces.slice(0, trouble.after) : [])
      return void response.end(stream ? ERROR_TAIL : ERROR_BODY)
    case 'gzip':
      return compress(request, response, type, pieces)
    default:
      await send(response.writeHead(200, type), pieces, trouble.kind === 'slow' ? 2 : 0)
      response.end()
  }
}

async function send(response: ServerResponse, pieces: readonly string[], gap = 0): Promise<void> {
  for (const piece of pieces) {
    if (gap > 0) await wait(gap)
    if (response.destroyed) return
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
}

async function compress(
  request: IncomingMessage,
  response: ServerResponse,
  type: Record<string, string>,
  pieces: readonly string[],
): Promise<void> {
  if (!String(request.headers['accept-encoding']).includes('gzip')) {
    await send(response.writeHead(200, type), pieces)
    return void response.end()
  }
  response.writeHead(200, { ...type, 'content-encoding': 'gzip' })
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
  gzip.pipe(response)
  gzip.end(pieces.join(''))
}

const server = createServer((request, response) => {
  open++
  response.once('close', () => {
    open--
    if (open === 0) parentPort?.postMessage({ open })
  })
  respond(request, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
// A listening TCP server has an AddressInfo.
parentPort?.postMessage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
parentPort?.on('message', () => parentPort?.postMessage({ open }))
