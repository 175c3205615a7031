// A player of minecraft-protocol in offline mode that takes its `--step`s one after the other, each for the host name it
// asks for: `ping:HOST`, or `join:HOST`, which lasts until it is disconnected.
//
//   {"event":"status","asked":…,"text":…,"answer":…}
//   {"event":"joined","asked":…}                           let into the world
//   {"event":"heard","text":…}                             every chat line
//   {"event":"disconnected","asked":…,"text":…,"state":…}  the reason in plain text, empty when none was given
//
// Commands: {"say": TEXT}. Leaves when its standard input ends.
'use strict'

const net = require('node:net')
const minecraft = require('minecraft-protocol')
const { start, say, fail, obey } = require('./program')
const { plain, onChat } = require('./text')

const options = start({
  version: { type: 'string' },
  name: { type: 'string', default: 'Steve' },
  step: { type: 'string', multiple: true }
})
// minecraft-protocol names the host it connects to in its handshake: connecting is done here, so that the two may differ.
const connect = client => client.setSocket(net.connect(options.port, options.host))
let client

obey({ say: text => client.chat(text) })
run().then(() => process.exit(0), error => fail(error.stack))

async function run () {
  for (const step of options.step) {
    const [kind, asked] = step.split(':')
    await { ping, join }[kind](asked)
  }
}

async function ping (asked) {
  const answer = await minecraft.ping({ host: asked, port: options.port, version: options.version, connect })
  say('status', { asked, text: plain(answer.description), answer })
}

function join (asked) {
  let reason = ''
  client = minecraft.createClient({
    username: options.name,
    auth: 'offline',
    host: asked,
    port: options.port,
    version: options.version,
    connect,
    hideErrors: true
  })
  onChat(client, text => say('heard', { text }))
  client.on('login', () => say('joined', { asked }))
  const noteReason = packet => { reason = plain(packet.reason) }
  client.on('disconnect', noteReason) // login and configuration
  client.on('kick_disconnect', noteReason) // play
  client.on('error', error => say('error', { text: String(error) }))
  return new Promise(resolve => client.on('end', () => {
    say('disconnected', { asked, text: reason, state: client.state })
    resolve()
  }))
}
