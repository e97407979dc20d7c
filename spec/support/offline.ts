import net from 'node:net'

// Preloaded: a process without a network. What processes of one machine tell each other goes on.
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args: unknown[]) {
  if (JSON.stringify(args).includes('"port"')) throw new Error('This process has no network')
  return Reflect.apply(connect, this, args)
}
