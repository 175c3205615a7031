// A flying-squid server: a small flat world with chunks, movement and chat.
//
//   {"event":"listening","port":…}
//   {"event":"entered","name":…} | {"event":"moved","name":…,"x":…,"z":…} | {"event":"chat","name":…,"text":…} |
//   {"event":"left","name":…}
//
// Commands: {"connect": SERVER} asks a BungeeCord-like proxy to move everybody.
'use strict'

const readline = require('node:readline')
const { PassThrough } = require('node:stream')
const minecraftData = require('minecraft-data')
const { start, say, obey } = require('./program')
const { askProxy } = require('./bungee')

const options = start({ version: { type: 'string', default: '1.20.4' } })
obey({ connect: to => world.players.forEach(player => askProxy(player._client, minecraftData(options.version), 'Connect', to)) })

// flying-squid opens a console of its own on the standard streams; these are for commands and events.
readline.createInterface = () => new readline.Interface({ input: new PassThrough() })
readline.cursorTo = () => true
console.log = () => {}

const world = require('flying-squid').createMCServer({
  'online-mode': false,
  host: options.host,
  port: options.port,
  version: options.version,
  motd: 'a flat world',
  'max-players': 5,
  logging: false,
  gameMode: 1,
  difficulty: 0,
  generation: { name: 'superflat', options: { bottomId: 1, middleId: 1, topId: 2, debug: false, middleThickness: 3 } },
  kickTimeout: 10000,
  plugins: {},
  modpe: false,
  'view-distance': 3,
  'everybody-op': false,
  'max-entities': 10,
  'player-list-text': { header: { text: '' }, footer: { text: '' } }
})
world.on('ready', () => say('listening', { port: world._server.socketServer.address().port }))
world.on('newPlayer', player => {
  player.on('spawned', () => say('entered', { name: player.username }))
  player.on('move', () => say('moved', { name: player.username, x: player.position.x, z: player.position.z }))
  player.on('chat', ({ message }) => say('chat', { name: player.username, text: message }))
  player.on('disconnected', () => say('left', { name: player.username }))
})
