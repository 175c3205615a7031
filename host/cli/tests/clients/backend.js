// One backend server of minecraft-protocol in offline mode: answers status with its own message, lets players in, notes what
// they say and echoes it.
'use strict'

const minecraft = require('minecraft-protocol')
const minecraftData = require('minecraft-data')
const nbt = require('prismarine-nbt')
const { tell } = require('./text')
const { askProxy } = require('./bungee')
const { requireForwarding } = require('./forwarding')
const { follow } = require('./signed')

const BAR = '00000000-0000-4000-8000-0000000000ba'

/** A server of `version`. What happens there goes to `note(event, facts)`; `options` are those of `server.js`. */
function serve (version, options, note, fail) {
  const data = minecraftData(version)
  const server = minecraft.createServer({
    'online-mode': false,
    enforceSecureProfile: false,
    version: data.version.minecraftVersion,
    host: options.host,
    port: options.port,
    motd: `${options.name} speaks ${version}`,
    favicon: options.favicon,
    hideErrors: true,
    beforeLogin: client => {
      if (client.identity?.uuid) client.uuid = client.identity.uuid
      compressFrom(client, Number(options.threshold))
    },
    beforePing: (response, client) => {
      note('pinged', { version, asked: client.serverHost })
      return response
    }
  })
  server.data = data
  if (options.forwarding) requireForwarding(server, options, (client, reason) => note('refused', { version, reason }))
  server.on('error', error => fail(String(error)))
  server.on('listening', () => note('listening', { version, port: server.socketServer.address().port }))
  server.on('playerJoin', client => {
    const facts = {
      version,
      name: client.username,
      asked: client.serverHost.split('\0')[0],
      peer: client.socket.remoteAddress,
      uuid: client.uuid,
      identity: client.identity,
      settings: client.settings
    }
    client.write('login', loginPacket(data, client))
    client.write('position', { x: 0, y: 64, z: 0, dx: 0, dy: 0, dz: 0, yaw: 0, pitch: 0, flags: 0, teleportId: 1, onGround: true })
    note('joined', facts)
    const hear = (packet, more) => {
      note('chat', { ...facts, ...more, text: packet.message })
      tell(client, data, `${version} heard ${packet.message}`)
    }
    client.on('chat', packet => hear(packet)) // before 1.19
    if (options['follow-signatures']) client.signed = follow(client, data, event => note(event, facts), hear)
    else client.on('chat_message', packet => hear(packet))
    client.on('custom_payload', packet => note('message', { ...facts, channel: packet.channel, text: packet.data.toString() }))
    client.on('end', () => note('left', facts))
  })
  return server
}

/** What a server may do to everybody in its world; the names are those of `server.js`'s commands. */
function orders (servers) {
  const players = visit => servers.forEach(server => {
    Object.values(server.clients).filter(client => client.state === 'play').forEach(client => visit(client, server.data))
  })
  return {
    'tell-signed': text => players(client => client.signed.tell(text)),
    tell: text => players((client, data) => tell(client, data, text)),
    kick: text => players(client => client.end(text)),
    ask: words => players((client, data) => askProxy(client, data, ...words.split('|'))),
    connect: to => players((client, data) => askProxy(client, data, 'Connect', to)),
    dress: text => players((client, data) => dress(client, data, text)),
    bundle: () => players(client => client.write('bundle_delimiter', {})),
    hang: () => players(client => { client.write = () => {} }),
    vanish: () => players(client => client.socket.destroy())
  }
}

/** What stays on the screen until somebody takes it away: `text` above the list of players, and as a bar. */
function dress (client, data, text) {
  const inNbt = data.supportFeature('chatPacketsUseNbtComponents')
  const component = inNbt ? nbt.comp({ text: nbt.string(text) }) : JSON.stringify({ text })
  client.write('playerlist_header', { header: component, footer: component })
  client.write('boss_bar', { entityUUID: BAR, action: 0, title: component, health: 1, color: 0, dividers: 0, flags: 0 })
}

/** minecraft-protocol begins compression with a length of its own. */
function compressFrom (client, threshold) {
  const write = client.write.bind(client)
  client.write = (name, fields) => {
    if (name === 'compress') {
      client.write = write
      if (threshold < 0) return
      fields = { threshold }
    }
    write(name, fields)
  }
  const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(client), 'compressionThreshold')
  Object.defineProperty(client, 'compressionThreshold', {
    set: () => { if (threshold >= 0) set.call(client, threshold) },
    get: () => threshold
  })
}

/** minecraft-data knows the packet for 1.16 and later; the fields of earlier versions are few. */
function loginPacket (data, client) {
  const early = { gameMode: 1, dimension: 0, hashedSeed: [0, 0], enableRespawnScreen: true, difficulty: 2, levelType: 'default', reducedDebugInfo: false, viewDistance: 8, maxPlayers: 20 }
  return { ...(data.loginPacket ?? early), entityId: client.id, enforcesSecureChat: false }
}

module.exports = { serve, orders }
