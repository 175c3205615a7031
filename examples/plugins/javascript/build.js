// Makes a component of src/plugin.js: `npm run build [-- FILE]`, by default by-hour.wasm.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { componentize } from '@bytecodealliance/componentize-js'

const here = path => fileURLToPath(new URL(path, import.meta.url))

const { component } = await componentize({
  sourcePath: here('src/plugin.js'),
  witPath: here('wit'),
  worldName: 'by-hour',
  // The host has no sockets to offer. Errors go to standard error, which becomes warnings in the host's log.
  disableFeatures: ['http', 'fetch-event']
})
await writeFile(process.argv[2] ?? 'by-hour.wasm', component)
