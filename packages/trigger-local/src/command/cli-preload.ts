import { join } from 'node:path'

export interface PreloadOptions {
  /** The CLI's own file: processes that it starts inherit what is loaded before it, and are left alone. */
  readonly entry: string
  /** The folder with `trigger.config.ts`. */
  readonly projectFolder: string
  /** Whether processes take one run after the other, unless the project's config says otherwise. */
  readonly keepsProcesses: boolean
}

/** What the CLI asks whatever its options: npm.antfu.dev for its newest version, jsonhero.io for names of packages not to bundle (it has such a list of its own). */
const unasked = ['npm.antfu.dev', 'jsonhero.io']

/**
 * What Node loads before the CLI, as an address for `--import`. It answers what the CLI asks elsewhere with 404, at once, since a
 * connection that fails is tried five times; and it gives the project's config a default, as a file `.triggerrc` would that the CLI looks for
 * beside it, without writing into somebody's project. A file that is there is left alone.
 */
export function cliPreload({ entry, projectFolder, keepsProcesses }: PreloadOptions): string {
  const program = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const isCli = process.argv[1] === ${JSON.stringify(entry)}
    const { fetch } = globalThis
    if (isCli) globalThis.fetch = (input, options) => ${JSON.stringify(unasked)}.includes(new URL(input.url ?? input).hostname) ? Promise.resolve(new Response('{}', { status: 404 })) : fetch(input, options)
    const file = ${JSON.stringify(join(projectFolder, '.triggerrc'))}
    const { existsSync, readFileSync } = fs
    if (isCli && ${keepsProcesses} && !existsSync(file)) {
      fs.existsSync = (path) => path === file || existsSync(path)
      fs.readFileSync = (path, options) => path === file ? 'processKeepAlive=true' : readFileSync(path, options)
      syncBuiltinESMExports()
    }`
  return `data:text/javascript,${encodeURIComponent(program)}`
}
