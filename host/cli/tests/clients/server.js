// Backend servers of minecraft-protocol in offline mode, one per `--version`: each answers status with its own message, lets
// players in, reports what they say and echoes it.
//
//   {"event":"listening","version":…,"port":…}   once per version
//   {"event":"pinged"|"joined"|"chat"|"left","version":…,"asked":…,"name":…,"text":…}
//   {"event":"refused","reason":…}               with `--forwarding`: somebody whom no proxy vouches for
//   {"event":"message","channel":…,"text":…}     a plugin message
//
// With `--forwarding legacy|bungeeguard|velocity` and `--secret`, players are those of whom a proxy says so; "joined" then has
// their "identity". `--threshold` is the length from which packets are compressed, -1 for never.
//
// With `--follow-signatures` it does what the game's servers do from 1.19.3 on: see `signed.js`. "chat" then says whether a line was
// "verified", and how many messages its author has "seen"; "session" says that a player has told his key.
//
// Commands: {"tell-signed": TEXT} as somebody else's line, {"tell": TEXT} to everybody, {"kick": TEXT}, {"connect": SERVER} asks a BungeeCord-like proxy to move everybody,
// {"ask": "REQUEST|WORD|…"} asks it for something else through everybody,
// {"dress": TEXT} shows a bar and words above the list of players, {"bundle": ""} begins or ends a bundle of packets, {"hang": ""} says nothing more to anybody, {"vanish": ""} closes all connections without a word.
'use strict'

const { start, say, fail, obey } = require('./program')
const { serve, orders } = require('./backend')

const options = start({
  version: { type: 'string', multiple: true },
  name: { type: 'string', default: 'backend' },
  favicon: { type: 'string' },
  threshold: { type: 'string', default: '256' },
  'follow-signatures': { type: 'boolean', default: false },
  forwarding: { type: 'string' },
  secret: { type: 'string' }
})

obey(orders(options.version.map(version => serve(version, options, say, fail))))
