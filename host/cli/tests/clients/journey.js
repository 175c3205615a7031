// Players of one version on journeys through a proxy, all at once: each joins his cell's `lobby`, talks, is moved to `creative` and
// back, twice, and is sent away. Then strangers try to get into the same servers past the proxy, or with a forged host field.
//
// `--cells` is a list, in JSON, of {"name", "asked", "online", "forwarding", "thresholds": [lobby's, creative's]}; the servers of a
// cell are `lobby-NAME` and `creative-NAME`.
//
//   {"event":"knows","versions":[…]}                             what minecraft-protocol supports
//   {"event":"listening","server":…,"port":…}                    once per server
//   {"event":"arrived","cell":…,"status":…,"entered":…,"joined":…,"ended":…}  a whole journey: what server and player saw
//   {"event":"forged","cell":…,"way":…,"refused":…,"identity":…} what became of a stranger
//   {"event":"done"}
//
// Commands: {"travel": PORT} begins, through the proxy that listens there.
'use strict'

const minecraft = require('minecraft-protocol')
const { start, say, fail, obey } = require('./program')
const { serve, orders } = require('./backend')
const { join, ping } = require('./client')
const { plain } = require('./text')
const { forgeries } = require('./forwarding')

/** How long anything may take that should happen at once, on a busy machine. */
const PATIENCE_MS = 40000
const ROUNDS = 2

const options = start({
  version: { type: 'string' },
  cells: { type: 'string' },
  secret: { type: 'string' },
  'session-server': { type: 'string' }
})
say('knows', { versions: minecraft.supportedVersions })

/** What happened at one end, and waiting for it. */
class Log {
  constructor (name) {
    this.name = name
    this.events = []
    this.waiting = new Set()
  }

  note (event, facts) {
    this.events.push({ event, ...facts })
    this.waiting.forEach(look => look())
  }

  all (event, fits = () => true) {
    return this.events.filter(noted => noted.event === event && fits(noted))
  }

  /** The nth event of that name that fits, past or to come. */
  wait (event, { nth = 1, fits } = {}) {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${this.name}: no ${event} ${nth}, but ${JSON.stringify(this.events.slice(-5))}`))
      const timer = setTimeout(late, PATIENCE_MS)
      const look = () => {
        const found = this.all(event, fits)[nth - 1]
        if (!found) return
        clearTimeout(timer)
        this.waiting.delete(look)
        resolve(found)
      }
      this.waiting.add(look)
      look()
    })
  }
}

const cells = JSON.parse(options.cells).map((cell, index) => {
  const [lobby, creative] = ['lobby', 'creative'].map((kind, nth) => {
    const name = `${kind}-${cell.name}`
    const log = new Log(name)
    const server = serve(options.version, {
      host: options.host,
      port: 0,
      name,
      threshold: cell.thresholds[nth],
      forwarding: cell.forwarding,
      secret: options.secret
    }, (event, facts) => {
      log.note(event, facts)
      if (event === 'listening') say('listening', { server: name, port: facts.port })
    }, fail)
    return { ...orders([server]), name, log, port: () => server.socketServer.address().port }
  })
  const name = `Traveller${index}`
  return { ...cell, lobby, creative, player: { name, uuid: `0123456789abcdef0123456789abcd${index.toString().padStart(2, '0')}` } }
})

obey({
  travel: port => Promise.all(cells.map(async cell => {
    await journey(cell, Number(port))
    await strangers(cell, Number(port))
  })).then(() => say('done'), error => fail(error.stack))
})

async function journey (cell, port) {
  const { lobby, creative, asked } = cell
  const log = new Log(cell.player.name)
  const note = (event, facts) => log.note(event, facts)
  const settings = { ...cell.player, version: options.version, host: options.host, port }
  if (cell.online) settings['session-server'] = options['session-server']
  const status = plain((await ping(asked, settings)).description)
  const client = join(asked, settings, note)
  const talk = async (server, words) => {
    client.chat(words)
    await server.log.wait('chat', { fits: said => said.text === words })
    // Longer than any threshold.
    const answer = `${words}: ${'x'.repeat(300)}`
    server.tell(answer)
    await log.wait('heard', { fits: heard => heard.text === answer })
  }

  const joined = await lobby.log.wait('joined')
  const entered = await log.wait('joined')
  await talk(lobby, 'in the lobby')
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [from, to, visit, words] of [[lobby, creative, round, 'in creative'], [creative, lobby, round + 1, 'back in the lobby']]) {
      from.connect(to.name)
      await to.log.wait('joined', { nth: visit })
      await log.wait('joined', { nth: 2 * round + (to === lobby ? 1 : 0) })
      await from.log.wait('left', { nth: round })
      await talk(to, `${words}, ${round}`)
    }
  }
  lobby.kick('good night')
  say('arrived', { cell: cell.name, status, entered, joined, ended: await log.wait('disconnected') })
}

/** Nobody else gets into the lobby, however he goes about it. */
async function strangers (cell, port) {
  if (!cell.forwarding) return
  const stranger = { name: 'Mallory', version: options.version, host: options.host }
  for (const { way, host, answer } of forgeries(cell.forwarding, cell.asked)) {
    const log = new Log(`${cell.name}, ${way}`)
    const refusals = cell.lobby.log.all('refused').length
    const client = join(host, { ...stranger, port: cell.lobby.port() }, (event, facts) => log.note(event, facts))
    if (answer) {
      client.removeAllListeners('login_plugin_request')
      client.on('login_plugin_request', ({ messageId, data }) => client.write('login_plugin_response', { messageId, data: answer(data) }))
    }
    await log.wait('disconnected')
    const { reason } = await cell.lobby.log.wait('refused', { nth: refusals + 1 })
    say('forged', { cell: cell.name, way, refused: reason, joined: log.all('joined').length })
  }
  if (cell.online) return
  // Through the proxy, with a field that claims what only a proxy says.
  const log = new Log(`${cell.name}, through the proxy`)
  const client = join([cell.asked, '203.0.113.9', '0'.repeat(32), '[]'].join('\0'), { ...stranger, port }, (event, facts) => {
    log.note(event, facts)
    if (event === 'joined') client.end()
  })
  await log.wait('disconnected')
  const [identity] = cell.lobby.log.all('joined', joined => joined.name === 'Mallory').map(joined => joined.identity)
  say('forged', { cell: cell.name, way: 'through the proxy', identity })
}
