// A player of minecraft-protocol in offline mode that takes its `--step`s one after the other, each for the host name it
// asks for: `ping:HOST`, or `join:HOST`, which lasts until it is disconnected.
//
//   {"event":"status","asked":…,"text":…,"answer":…}
//   {"event":"joined","asked":…,"uuid":…,"encrypted":…}    let into a world, the first one or another server's
//   {"event":"heard","text":…}                             every chat line
//   {"event":"key","expires":…,"der":…}                    with `--keys`: the key that it signs its chat with
//   {"event":"packet","name":…,"fields":…}                 with `--watch NAME`: a packet of that name in minecraft-protocol
//   {"event":"disconnected","asked":…,"text":…,"state":…}  the reason in plain text, empty when none was given
//
// With `--session-server` it has an account there and is authenticated. Commands: {"say": TEXT}. Leaves when its standard input
// ends.
'use strict'

const { start, say, fail, obey } = require('./program')
const { join, ping } = require('./client')
const { plain } = require('./text')

const options = start({
  version: { type: 'string' },
  name: { type: 'string', default: 'Steve' },
  step: { type: 'string', multiple: true },
  'session-server': { type: 'string' },
  watch: { type: 'string', multiple: true },
  keys: { type: 'boolean', default: false },
  uuid: { type: 'string', default: '0123456789abcdef0123456789abcdef' }
})
let client

const steps = {
  ping: async asked => {
    const answer = await ping(asked, options)
    say('status', { asked, text: plain(answer.description), answer })
  },
  join: asked => new Promise(resolve => {
    client = join(asked, options, say)
    client.on('end', resolve)
  })
}

obey({ say: text => client.chat(text) })
run().then(() => process.exit(0), error => fail(error.stack))

async function run () {
  for (const step of options.step) {
    const [kind, asked] = step.split(':')
    await steps[kind](asked)
  }
}
