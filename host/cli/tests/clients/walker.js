// A mineflayer bot that waits for its chunks, walks, says a line and hears it: as close to a person playing as it gets.
//
//   {"event":"spawned"} {"event":"chunks","count":…} {"event":"walked","blocks":…} {"event":"heard","text":…} {"event":"done"}
'use strict'

const net = require('node:net')
const mineflayer = require('mineflayer')
const { start, say, fail, obey } = require('./program')

const options = start({
  version: { type: 'string', default: '1.20.4' },
  name: { type: 'string', default: 'Walker' },
  asked: { type: 'string', default: 'localhost' },
  blocks: { type: 'string', default: '3' }
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
bot.on('error', error => fail(String(error)))
bot.on('kicked', reason => fail(`kicked: ${JSON.stringify(reason)}`))
bot.on('end', reason => fail(`disconnected: ${reason}`))
bot.once('spawn', () => play().catch(error => fail(String(error))))
obey({})

async function play () {
  say('spawned')
  await bot.waitForChunksToLoad()
  say('chunks', { count: bot.world.getColumns().length })
  await walk(Number(options.blocks))
  const line = 'hello from a walker'
  const heard = new Promise(resolve => bot.on('messagestr', text => { if (text.includes(line)) resolve(text) }))
  bot.chat(line)
  say('heard', { text: await heard })
  say('done')
  process.exit(0)
}

function walk (blocks) {
  const from = bot.entity.position.clone()
  bot.setControlState('forward', true)
  return new Promise(resolve => bot.on('move', () => {
    const distance = bot.entity.position.xzDistanceTo(from)
    if (distance < blocks) return
    bot.removeAllListeners('move')
    bot.clearControlStates()
    say('walked', { blocks: distance })
    resolve()
  }))
}
