// Backend servers of minecraft-protocol in offline mode, one per `--version`: each answers status with its own message, lets
// players in, reports what they say and echoes it.
//
//   {"event":"listening","version":…,"port":…}   once per version
//   {"event":"pinged"|"joined"|"chat"|"left","version":…,"asked":…,"name":…,"text":…}
//
// Commands: {"tell": TEXT} to everybody, {"kick": TEXT}.
'use strict'

const minecraft = require('minecraft-protocol')
const minecraftData = require('minecraft-data')
const { start, say, fail, obey } = require('./program')
const { tell } = require('./text')

const options = start({
  version: { type: 'string', multiple: true },
  name: { type: 'string', default: 'backend' },
  favicon: { type: 'string' }
})

const servers = options.version.map(serve)
obey({ tell: text => players((client, data) => tell(client, data, text)), kick: text => players(client => client.end(text)) })

function serve (version) {
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
    beforePing: (response, client) => {
      say('pinged', { version, asked: client.serverHost })
      return response
    }
  })
  server.data = data
  server.on('error', error => fail(String(error)))
  server.on('listening', () => say('listening', { version, port: server.socketServer.address().port }))
  server.on('playerJoin', client => {
    const facts = { version, name: client.username, asked: client.serverHost, peer: client.socket.remoteAddress }
    client.write('login', loginPacket(data, client))
    client.write('position', { x: 0, y: 64, z: 0, dx: 0, dy: 0, dz: 0, yaw: 0, pitch: 0, flags: 0, teleportId: 1, onGround: true })
    say('joined', facts)
    const hear = packet => {
      say('chat', { ...facts, text: packet.message })
      tell(client, data, `${version} heard ${packet.message}`)
    }
    client.on('chat', hear) // before 1.19
    client.on('chat_message', hear)
    client.on('end', () => say('left', facts))
  })
  return server
}

function players (visit) {
  for (const server of servers) {
    for (const client of Object.values(server.clients)) {
      if (client.state === 'play') visit(client, server.data)
    }
  }
}

/** minecraft-data knows the packet for 1.16 and later; the fields of earlier versions are few. */
function loginPacket (data, client) {
  const early = { gameMode: 1, dimension: 0, difficulty: 2, levelType: 'default', reducedDebugInfo: false, viewDistance: 8, maxPlayers: 20 }
  return { ...(data.loginPacket ?? early), entityId: client.id, enforcesSecureChat: false }
}
