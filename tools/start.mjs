// Starts a program of this repository, read from its sources: `node --conditions=@track-orchestrator/source tools/start.mjs <file> …`.
// Installs first what a fresh clone lacks. One process from the first to the last, so that a signal to it reaches the program itself.
import { pathToFileURL } from 'node:url'
import { installIfNeeded } from './install.mjs'

installIfNeeded()
const { register } = await import('tsx/esm/api')
register()
// The program sees the command line as if it had been started by itself.
process.argv.splice(1, 1)
await import(pathToFileURL(process.argv[1]).href)
