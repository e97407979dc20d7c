import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Call } from '../support/provider.ts'
import { startProvider } from '../support/start-provider.ts'
import { listen } from '../support/listen.ts'

/** The internet of an app that was not written for a spec: the providers' own hosts, answered on this machine. */
export interface Internet {
  /** What got to them; the header `host` says to whom. */
  readonly calls: readonly Call[]
  /** The variables that lead an app there: Node's own proxy, and a certificate to be trusted. */
  readonly env: Readonly<Record<string, string>>
}

const HOSTS = ['api.openai.com', 'api.anthropic.com']

/** A proxy that ends the TLS of every host itself, in front of a provider, for the running spec. */
export async function startInternet(): Promise<Internet> {
  const { origin, calls } = await startProvider()
  const { key, cert, certPath } = await makeCertificate()
  const secureContext = createSecureContext({ key, cert })
  const server = createServer()
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    tie(new TLSSocket(socket, { isServer: true, secureContext }), connect(Number(new URL(origin).port), '127.0.0.1'))
  })
  const proxy = await listen(server)
  const env = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1,localhost' }
  return { calls, env: { ...env, NODE_EXTRA_CA_CERTS: certPath } }
}

function tie(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one)
  // Either side may go first.
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
}

/** A certificate for those hosts that nobody but the app of the running spec trusts. */
async function makeCertificate(): Promise<{ key: Buffer; cert: Buffer; certPath: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=spec',
  ]
  const names = `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join()}`
  const args = ['req', '-x509', ...kind, '-addext', names, '-keyout', keyPath, '-out', certPath]
  await promisify(execFile)('openssl', args)
  return { key: await readFile(keyPath), cert: await readFile(certPath), certPath }
}
