// A session server: remembers who says that he joins a server, and vouches for him when that server asks.
//
//   {"event":"listening","port":…}
//   {"event":"asked","name":…,"ip":…,"vouched":…}   a server asks about a player
//
// Commands: {"fail": STATUS} answers every question with this status, {"fail": 0} with the truth again.
'use strict'

const http = require('node:http')
const { start, say, obey } = require('./program')

const options = start({ texture: { type: 'string', default: 'c2tpbg==' } })
const joined = new Map()
let failure = 0

obey({ fail: status => { failure = Number(status) } })

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (request.method === 'POST' && url.pathname === '/session/minecraft/join') {
    let body = ''
    for await (const chunk of request) body += chunk
    const { selectedProfile, serverId, accessToken } = JSON.parse(body)
    joined.set(serverId, { id: selectedProfile, name: accessToken.replace(/^token-/, '') })
    response.writeHead(204).end()
  } else if (url.pathname === '/session/minecraft/hasJoined') {
    const name = url.searchParams.get('username')
    const player = joined.get(url.searchParams.get('serverId'))
    const vouched = player !== undefined && player.name === name
    say('asked', { name, ip: url.searchParams.get('ip'), vouched: vouched && failure === 0 })
    if (failure !== 0) {
      response.writeHead(failure).end()
    } else if (vouched) {
      const properties = [{ name: 'textures', value: options.texture, signature: 'c2lnbmVk' }]
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...player, properties }))
    } else {
      response.writeHead(204).end()
    }
  } else {
    response.writeHead(404).end()
  }
})
server.listen(options.port, options.host, () => say('listening', { port: server.address().port }))
