// What every client and server program here shares: options, one JSON line per event, a hard deadline, commands on
// standard input. A program ends when its standard input ends, so that none outlives the test that started it.
'use strict'

const readline = require('node:readline')
const { parseArgs } = require('node:util')

/** Every program takes these; `--deadline-s` bounds its life however it is used. */
const COMMON = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  'deadline-s': { type: 'string', default: '30' }
}

/** Reads the options, arms the deadline and turns every unforeseen error into a reason and exit code 1. */
function start (options) {
  const { values } = parseArgs({ options: { ...COMMON, ...options } })
  values.port = Number(values.port)
  const seconds = Number(values['deadline-s'])
  setTimeout(() => fail(`not done within ${seconds} s`), seconds * 1000).unref()
  process.on('uncaughtException', error => fail(error.stack || String(error)))
  process.on('unhandledRejection', error => fail((error && error.stack) || String(error)))
  return values
}

/** One line of JSON on standard output. */
function say (event, facts = {}) {
  process.stdout.write(JSON.stringify({ event, ...facts }, (_, value) => typeof value === 'bigint' ? String(value) : value) + '\n')
}

/** Says why and ends with 1. */
function fail (reason) {
  say('failed', { reason })
  process.exit(1)
}

/** Calls `on[name](argument)` for each line `{"name": argument}`; ends the program when standard input ends. */
function obey (on) {
  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', line => {
    for (const [name, argument] of Object.entries(JSON.parse(line))) {
      if (!on[name]) fail(`unknown command ${name}`)
      on[name](argument)
    }
  })
  lines.on('close', () => process.exit(0))
}

module.exports = { start, say, fail, obey }
