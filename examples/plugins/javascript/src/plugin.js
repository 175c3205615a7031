// Sends players to one place by day and to another by night, or wherever the operator's spans of hours say.

import { enabled, log } from 'portcullis:plugin/log@0.1.0'
import { kindOf } from 'portcullis:plugin/servers@0.1.0'

import { covers, minuteOfDay, minutesOf, offsetOf, OFFSET, TIME } from './hours.js'

// The host checks the configuration against this before it calls `init`.
const SCHEMA = {
  type: 'object',
  properties: {
    default: { type: 'string', description: 'A server or a group, at hours that no span covers.' },
    'utc-offset': { type: 'string', pattern: OFFSET, description: 'Your time zone, for example "+02:00". "+00:00" when absent.' },
    hours: {
      type: 'array',
      description: 'Spans of hours; the first that covers the time counts.',
      items: {
        type: 'object',
        properties: {
          from: { type: 'string', pattern: TIME },
          until: { type: 'string', pattern: TIME, description: 'The first minute that is not covered; before `from` when the span goes past midnight.' },
          to: { type: 'string', description: 'A server or a group.' }
        },
        required: ['from', 'until', 'to'],
        additionalProperties: false
      }
    }
  },
  required: ['default'],
  additionalProperties: false
}

// One for each instance, and so for each worker.
let fallback, offset, spans

export const lifecycle = {
  describe () {
    return {
      name: 'by-hour',
      version: '0.1.0',
      summary: 'Sends players to servers by the time of day.',
      stage: 'route',
      hooks: ['route'],
      configSchema: JSON.stringify(SCHEMA)
    }
  },

  // What is thrown is the text that the operator reads; an `Error` would be a trap.
  init (text) {
    const config = JSON.parse(text)
    fallback = config.default
    offset = offsetOf(config['utc-offset'] ?? '+00:00')
    spans = (config.hours ?? []).map(({ from, until, to }) => ({ from: minutesOf(from), until: minutesOf(until), to }))
    const empty = spans.findIndex(({ from, until }) => from === until)
    if (empty >= 0) throw `hours[${empty}] covers no minute: from and until are the same`
    log('info', 'hours read', [['spans', String(spans.length)]])
  },

  // Nothing to hand over in a swap: `describe` gives no state version.
  save: () => new Uint8Array(),
  load () {},
  shutdown () {}
}

export const route = {
  onRoute () {
    const minute = minuteOfDay(new Date(), offset)
    const name = spans.find(span => covers(span, minute))?.to ?? fallback
    if (enabled('debug')) log('debug', 'hour looked up', [['minute', String(minute)], ['to', name]])
    // Asked each time: an unknown name in a verdict would count as a failure of this plugin.
    const kind = kindOf(name)
    return kind ? { tag: 'to', val: [{ tag: kind, val: name }] } : { tag: 'next' }
  }
}
