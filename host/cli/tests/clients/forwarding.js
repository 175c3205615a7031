// How a backend server that trusts a proxy finds out who its players are, and refuses those who come from elsewhere: the host
// field of the handshake (`legacy`, `bungeeguard`), or a question during the login (`velocity`).
'use strict'

const crypto = require('node:crypto')

/** Has every client of `server` say who it is, as `options.forwarding` says, before anything else learns of its login. */
function requireForwarding (server, options, refused) {
  server.on('connection', client => {
    const emit = client.emit.bind(client)
    client.emit = (event, ...facts) => {
      if (event !== 'login_start') return emit(event, ...facts)
      identify(client, options).then(
        identity => {
          client.identity = identity
          // No session server has signed a test's chat key, which minecraft-protocol would find out.
          emit(event, { ...facts[0], username: identity.name ?? facts[0].username, signature: null })
        },
        reason => {
          refused(client, String(reason))
          client.end(`refused: ${reason}`)
        }
      )
      return true
    }
  })
}

async function identify (client, { forwarding, secret }) {
  return forwarding === 'velocity' ? velocity(client, secret) : legacy(client, forwarding, secret)
}

function legacy (client, forwarding, secret) {
  const [host, ip, uuid, json] = client.serverHost.split('\0')
  if (uuid === undefined) throw 'not forwarded'
  let properties = JSON.parse(json ?? '[]')
  if (forwarding === 'bungeeguard') {
    const tokens = properties.filter(property => property.name === 'bungeeguard-token')
    if (tokens.length !== 1 || tokens[0].value !== secret) throw 'wrong token'
    properties = properties.filter(property => property.name !== 'bungeeguard-token')
  }
  return { host, ip, uuid: dashed(uuid), name: undefined, properties, protocol: forwarding }
}

async function velocity (client, secret) {
  const newest = Buffer.from([4])
  client.write('login_plugin_request', { messageId: 7, channel: 'velocity:player_info', data: newest })
  const answer = await new Promise((resolve, reject) => {
    client.once('login_plugin_response', resolve)
    client.once('end', () => reject('gone'))
  })
  if (!answer.data || answer.messageId !== 7) throw 'not forwarded'
  const [signature, data] = [answer.data.subarray(0, 32), answer.data.subarray(32)]
  const expected = crypto.createHmac('sha256', secret).update(data).digest()
  if (signature.length !== 32 || !crypto.timingSafeEqual(signature, expected)) throw 'wrong signature'
  const read = reader(data)
  const protocol = `velocity ${read.varInt()}`
  const ip = read.string()
  const uuid = dashed(read.bytes(16).toString('hex'))
  const name = read.string()
  const properties = Array.from({ length: read.varInt() }, () => {
    const property = { name: read.string(), value: read.string() }
    if (read.bytes(1)[0] === 1) property.signature = read.string()
    return property
  })
  const key = /^velocity [23]$/.test(protocol)
    ? { expires: Number(read.bytes(8).readBigInt64BE()), der: read.bytes(read.varInt()).toString('hex'), signature: read.bytes(read.varInt()).toString() }
    : undefined
  const holder = protocol === 'velocity 3' && read.bytes(1)[0] === 1 ? dashed(read.bytes(16).toString('hex')) : undefined
  return { ip, uuid, name, properties, protocol, key, holder }
}

function reader (data) {
  let at = 0
  const bytes = count => data.subarray(at, at += count)
  const varInt = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = data[at++]
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  return { bytes, varInt, string: () => bytes(varInt()).toString() }
}

function dashed (uuid) {
  return uuid.replace(/-/g, '').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
}

/**
 * How somebody who reaches a server past the proxy may claim to be somebody: in the host field, or by his answer to the server's
 * question.
 */
function forgeries (forwarding, asked) {
  const claimed = ['203.0.113.9', '0'.repeat(32)]
  const field = properties => [asked, ...claimed, JSON.stringify(properties)].join('\0')
  const token = value => ({ name: 'bungeeguard-token', value })
  const plain = { way: 'as a player', host: asked }
  if (forwarding === 'bungeeguard') {
    return [
      plain,
      { way: 'without a token', host: field([]) },
      { way: 'with a wrong token', host: field([token('guessed')]) },
      { way: 'with two tokens', host: field([token('guessed'), token('guessed again')]) }
    ]
  }
  if (forwarding !== 'velocity') return [plain]
  const string = text => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
  const data = Buffer.concat([Buffer.from([1]), string(claimed[0]), Buffer.from(claimed[1], 'hex'), string('Mallory'), Buffer.from([0])])
  const signature = crypto.createHmac('sha256', 'guessed').update(data).digest()
  return [
    plain,
    { way: 'in the host field', host: field([]) },
    { way: 'without a signature', host: asked, answer: () => data },
    { way: 'with a wrong signature', host: asked, answer: () => Buffer.concat([signature, data]) }
  ]
}

module.exports = { requireForwarding, forgeries }
