// A player of minecraft-protocol, in offline mode or with an account of the test's session server.
'use strict'

const crypto = require('node:crypto')
const net = require('node:net')
const minecraft = require('minecraft-protocol')
const { plain, onChat } = require('./text')

/**
 * Joins for the host name `asked`. What happens goes to `note(event, facts)`, with the events of `player.js`. `options` has
 * `name`, `version`, `host`, `port`, and `watch`, names of packets of which each is noted; for an account also `session-server`, `uuid` and, for a chat key, `keys`.
 */
function join (asked, options, note) {
  let reason = ''
  let threshold
  // minecraft-protocol names the host it connects to in its handshake: connecting is done here, so that the two may differ.
  const connect = client => client.setSocket(net.connect(options.port, options.host))
  const account = (client, settings) => {
    client.username = options.name
    client.session = { accessToken: `token-${options.name}`, selectedProfile: { id: options.uuid, name: options.name } }
    settings.accessToken = client.session.accessToken
    settings.haveCredentials = true
    if (options.keys) client.profileKeys = keys(note)
    connect(client)
  }
  const client = minecraft.createClient({
    username: options.name,
    auth: options['session-server'] ? account : 'offline',
    sessionServer: options['session-server'],
    host: asked,
    port: options.port,
    version: options.version,
    connect,
    hideErrors: true
  })
  onChat(client, text => note('heard', { text }))
  for (const name of options.watch ?? []) client.on(name, fields => note('packet', { name, fields }))
  client.on('compress', packet => { threshold = packet.threshold })
  client.on('login', () => note('joined', { asked, name: client.username, uuid: client.uuid, encrypted: Boolean(client.cipher), threshold }))
  const noteReason = packet => { reason = plain(packet.reason) }
  client.on('disconnect', noteReason) // login and configuration
  client.on('kick_disconnect', noteReason) // play
  client.on('error', error => note('error', { text: String(error) }))
  client.on('end', () => note('disconnected', { asked, text: reason, state: client.state }))
  return client
}

/** What the server behind `port` answers to a ping for the host name `asked`. */
function ping (asked, { port, host, version }) {
  return minecraft.ping({ host: asked, port, version, connect: client => client.setSocket(net.connect(port, host)) })
}

/** A chat key as session servers give them, but for the signatures, which none of them made. */
function keys (note) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const expiresOn = new Date(2000000000000)
  note('key', { expires: expiresOn.getTime(), der: publicKey.export({ type: 'spki', format: 'der' }).toString('hex') })
  return { public: publicKey, private: privateKey, expiresOn, signature: Buffer.from('of 1.19'), signatureV2: Buffer.from('of 1.19.1') }
}

module.exports = { join, ping }
