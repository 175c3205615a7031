import assert from 'node:assert/strict'
import { test } from 'node:test'

import { SCHEMA, settingsOf } from '../src/settings.js'

test('an absent key has its default', () => {
  const settings = settingsOf('{}')
  for (const [key, property] of Object.entries(SCHEMA.properties)) {
    assert.deepEqual(settings[key], property.default, key)
  }
})

test('a key that is there counts', () => {
  assert.equal(settingsOf('{"anything":7}').anything, 7)
})
