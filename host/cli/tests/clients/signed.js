// A server that follows its players' signatures, as the game's do from 1.19.3 on: each signed line is verified against the key that
// its author told, the lines before it, and the messages that he says he has seen; whoever is out of step is thrown out.
'use strict'

const crypto = require('node:crypto')
const { concat } = require('minecraft-protocol/src/transforms/binaryStream')
const nbt = require('prismarine-nbt')

/** Messages that client and server look back on. */
const WINDOW = 20

/**
 * Follows the signatures of `client`, who has just come into the world. Notes `session` when he tells his key, and gives each line to
 * `hear(packet, facts)`: whether it was verified, and how many messages its author has seen in all. `tell(TEXT)` of what it
 * returns says a line of somebody else's, signed.
 */
function follow (client, data, note, hear) {
  let session
  let said = 0
  let seen = 0
  const tracked = new Array(WINDOW).fill(null)
  // minecraft-protocol's own looks for Mojang's signature.
  client.removeAllListeners('chat_session_update')
  client.on('chat_session_update', packet => {
    session = { uuid: packet.sessionUUID, index: 0, key: crypto.createPublicKey({ key: packet.publicKey, format: 'der', type: 'spki' }) }
    note('session')
  })
  const outOfStep = why => client.end(`chat validation failed: ${why}`)
  const skip = count => {
    if (count < 0 || count > tracked.length - WINDOW) throw new Error(`${count} seen of ${tracked.length - WINDOW}`)
    tracked.splice(0, count)
    seen += count
  }

  client.on('chat_message', packet => {
    try {
      skip(packet.offset)
      const bits = packet.acknowledged.readUIntLE(0, 3)
      const last = []
      for (let at = 0; at < WINDOW; at++) {
        if (bits & (1 << at)) {
          if (tracked[at] === null) throw new Error('a message seen that was none')
          tracked[at].pending = false
          last.push(tracked[at].signature)
        } else {
          if (tracked[at] && !tracked[at].pending) throw new Error('a message that was seen is not any more')
          tracked[at] = null
        }
      }
      if (session) verify(packet, last)
      hear(packet, { verified: Boolean(session), seen })
    } catch (error) {
      outOfStep(error.message)
    }
  })
  client.on('message_acknowledgement', ({ count }) => {
    try {
      skip(count)
    } catch (error) {
      outOfStep(error.message)
    }
  })

  function verify (packet, last) {
    const seenList = last.length > 0 ? ['i32', last.length, 'buffer', Buffer.concat(last)] : ['i32', 0]
    const covered = concat(
      'i32', 1, 'UUID', client.uuid, 'UUID', session.uuid, 'i32', session.index++, 'i64', packet.salt, 'i64', packet.timestamp / 1000n,
      'i32', Buffer.byteLength(packet.message), 'pstring', packet.message, ...seenList
    )
    if (!packet.signature || !crypto.verify('RSA-SHA256', covered, session.key, packet.signature)) throw new Error('a broken signature')
  }

  function tell (text) {
    const signature = crypto.randomBytes(256)
    tracked.push({ signature, pending: true })
    const name = JSON.stringify({ text: 'Alex' })
    client.write('player_chat', {
      globalIndex: said,
      senderUuid: '00000000-0000-4000-8000-000000000001',
      index: said++,
      signature,
      plainMessage: text,
      timestamp: BigInt(Date.now()),
      salt: 1n,
      previousMessages: [],
      unsignedChatContent: undefined,
      filterType: 0,
      type: data.supportFeature('chatTypeIsHolder') ? { chatType: 1 } : 0,
      networkName: data.supportFeature('chatPacketsUseNbtComponents') ? nbt.comp({ text: nbt.string('Alex') }) : name,
      networkTargetName: undefined
    })
  }
  return { tell }
}

module.exports = { follow }
