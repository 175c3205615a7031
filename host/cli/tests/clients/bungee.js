// BungeeCord's plugin channel as a server uses it.
'use strict'

/** A request to the proxy that `client` came through, for example 'Connect' and a server. */
function askProxy (client, data, ...words) {
  const channel = data.supportFeature('customPayloadChannelIsNamespaced') || data.version['>=']('1.13') ? 'bungeecord:main' : 'BungeeCord'
  const text = word => {
    const bytes = Buffer.from(word)
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
  }
  client.write('custom_payload', { channel, data: Buffer.concat(words.map(text)) })
}

module.exports = { askProxy }
