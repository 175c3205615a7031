// A player of minecraft-protocol in offline mode that takes its `--step`s one after the other, each for the host name it
// asks for: `ping:HOST`, or `join:HOST`, which lasts until it is disconnected.
//
//   {"event":"status","asked":…,"text":…,"answer":…}
//   {"event":"joined","asked":…,"uuid":…,"encrypted":…}    let into a world, the first one or another server's
//   {"event":"heard","text":…}                             every chat line
//   {"event":"key","expires":…,"der":…}                    with `--keys`: the key that it signs its chat with
//   {"event":"disconnected","asked":…,"text":…,"state":…}  the reason in plain text, empty when none was given
//
// With `--session-server` it has an account there and is authenticated. Commands: {"say": TEXT}. Leaves when its standard input
// ends.
'use strict'

const crypto = require('node:crypto')
const net = require('node:net')
const minecraft = require('minecraft-protocol')
const { start, say, fail, obey } = require('./program')
const { plain, onChat } = require('./text')

const options = start({
  version: { type: 'string' },
  name: { type: 'string', default: 'Steve' },
  step: { type: 'string', multiple: true },
  'session-server': { type: 'string' },
  keys: { type: 'boolean', default: false },
  uuid: { type: 'string', default: '0123456789abcdef0123456789abcdef' }
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

/** An account of the test's session server. */
function account (client, settings) {
  client.username = options.name
  client.session = { accessToken: `token-${options.name}`, selectedProfile: { id: options.uuid, name: options.name } }
  settings.accessToken = client.session.accessToken
  settings.haveCredentials = true
  if (options.keys) client.profileKeys = keys()
  settings.connect(client)
}

/** A chat key as session servers give them; nobody but the test looks at its signatures. */
function keys () {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const expiresOn = new Date(2000000000000)
  say('key', { expires: expiresOn.getTime(), der: publicKey.export({ type: 'spki', format: 'der' }).toString('hex') })
  return { public: publicKey, private: privateKey, expiresOn, signature: Buffer.from('of 1.19'), signatureV2: Buffer.from('of 1.19.1') }
}

function join (asked) {
  let reason = ''
  client = minecraft.createClient({
    username: options.name,
    auth: options['session-server'] ? account : 'offline',
    sessionServer: options['session-server'],
    host: asked,
    port: options.port,
    version: options.version,
    connect,
    hideErrors: true
  })
  onChat(client, text => say('heard', { text }))
  client.on('login', () => say('joined', { asked, name: client.username, uuid: client.uuid, encrypted: Boolean(client.cipher) }))
  const noteReason = packet => { reason = plain(packet.reason) }
  client.on('disconnect', noteReason) // login and configuration
  client.on('kick_disconnect', noteReason) // play
  client.on('error', error => say('error', { text: String(error) }))
  return new Promise(resolve => client.on('end', () => {
    say('disconnected', { asked, text: reason, state: client.state })
    resolve()
  }))
}
