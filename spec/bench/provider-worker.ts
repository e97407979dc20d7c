import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { ProviderSettings } from './provider.ts'

// What openProvider passes.
const { answer, gap = 0, first = 0 } = workerData as ProviderSettings
const whole = Buffer.from(answer.chunks.join(''))
const events = answer.chunks.map((chunk) => Buffer.from(chunk))
// For peers that obey HTTP's own rules; ours ignores it, as real providers say no-cache.
const headers = { 'content-type': answer.contentType, 'cache-control': 'public, max-age=3600' }
let calls = 0

async function respond(response: ServerResponse): Promise<void> {
  calls++
  if (first > 0) await wait(first)
  if (events.length === 1)
    return void response.writeHead(200, { ...headers, 'content-length': whole.length }).end(whole)
  response.writeHead(200, headers)
  for (const event of events) {
    if (gap > 0) await wait(gap)
    response.write(event)
  }
  response.end()
}

// Sockets stay open between turns: a contestant waits for its next one longer than the default of 5 s.
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  request.resume().once('end', () => void respond(response).catch(() => response.destroy()))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
// A listening TCP server has an AddressInfo.
parentPort?.postMessage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
parentPort?.on('message', () => {
  parentPort?.postMessage(calls)
  calls = 0
})
