// Text components as every version sends them (JSON text, parsed JSON, NBT), and chat in both directions.
'use strict'

const nbt = require('prismarine-nbt')

/** The plain text of a component in any of its forms. */
function plain (component) {
  if (component === undefined || component === null) return ''
  if (typeof component === 'string') {
    try {
      return plain(JSON.parse(component))
    } catch {
      return component
    }
  }
  if (typeof component !== 'object') return String(component)
  if (Array.isArray(component)) return component.map(plain).join('')
  if (typeof component.type === 'string' && 'value' in component) return plain(nbt.simplify(component))
  const own = component.text ?? component[''] ?? component.translate ?? ''
  return own + plain(component.extra)
}

/** Writes `text` to one player in the chat format of its version. */
function tell (client, data, text) {
  const json = JSON.stringify({ text })
  if (!data.supportFeature('signedChat')) {
    client.write('chat', { message: json, position: 0, sender: '0' })
    return
  }
  client.write('system_chat', {
    content: data.supportFeature('chatPacketsUseNbtComponents') ? nbt.comp({ text: nbt.string(text) }) : json,
    type: 1, // 1.19 alone has a chat type here
    isActionBar: false
  })
}

/** Calls `heard(text)` for every chat line a client receives, whichever packet carries it. */
function onChat (client, heard) {
  client.on('chat', packet => heard(plain(packet.message))) // before 1.19
  client.on('system_chat', packet => heard(plain(packet.content)))
  client.on('player_chat', packet => heard(plain(packet.unsignedChatContent || packet.plainMessage)))
}

module.exports = { plain, tell, onChat }
