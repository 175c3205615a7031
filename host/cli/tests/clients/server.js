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
// Commands: {"tell": TEXT} to everybody, {"kick": TEXT}, {"connect": SERVER} asks a BungeeCord-like proxy to move everybody,
// {"hang": ""} says nothing more to anybody, {"vanish": ""} closes all connections without a word.
'use strict'

const { start, say, fail, obey } = require('./program')
const { serve, orders } = require('./backend')

const options = start({
  version: { type: 'string', multiple: true },
  name: { type: 'string', default: 'backend' },
  favicon: { type: 'string' },
  threshold: { type: 'string', default: '256' },
  forwarding: { type: 'string' },
  secret: { type: 'string' }
})

obey(orders(options.version.map(version => serve(version, options, say, fail))))
