// A mineflayer bot that walks and talks as it is told: as close to a person playing as it gets.
//
//   {"event":"joined"}                                           let into a world, the first one or another server's
//   {"event":"chunks","count":…} {"event":"walked","blocks":…}   after a walk, which waits for the world to be there
//   {"event":"heard","text":…}                                   every chat line
//
// Commands: {"walk": BLOCKS} straight on, {"say": TEXT}. Leaves when its standard input ends.
'use strict'

const net = require('node:net')
const { once } = require('node:events')
const mineflayer = require('mineflayer')
const { start, say, fail, obey } = require('./program')

const options = start({
  version: { type: 'string', default: '1.20.4' },
  name: { type: 'string', default: 'Walker' },
  asked: { type: 'string', default: 'localhost' }
})

const bot = mineflayer.createBot({
  username: options.name,
  auth: 'offline',
  host: options.asked,
  port: options.port,
  version: options.version,
  connect: client => client.setSocket(net.connect(options.port, options.host)),
  hideErrors: true
})
/** Settled when the server has said where in its world the bot stands. */
let placed
bot.on('login', () => {
  placed = once(bot, 'forcedMove')
  say('joined')
})
bot.on('messagestr', text => say('heard', { text }))
bot.on('error', error => fail(String(error)))
bot.on('kicked', reason => fail(`kicked: ${JSON.stringify(reason)}`))
bot.on('end', reason => fail(`disconnected: ${reason}`))
obey({
  walk: blocks => walk(Number(blocks)).catch(error => fail(String(error))),
  say: text => bot.chat(text)
})

async function walk (blocks) {
  await placed
  await bot.waitForChunksToLoad()
  say('chunks', { count: bot.world.getColumns().length })
  const from = bot.entity.position.clone()
  bot.setControlState('forward', true)
  const arrived = () => {
    const distance = bot.entity.position.xzDistanceTo(from)
    if (distance < blocks) return
    bot.off('move', arrived)
    bot.clearControlStates()
    say('walked', { blocks: distance })
  }
  bot.on('move', arrived)
}
