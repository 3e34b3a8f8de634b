import { createRequire } from 'node:module'

/** What the command is run with: its process, or what a test puts in its place. */
export interface Terminal {
  readonly arguments: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream
  /** Aborted when a person, or the system, wants the command to stop. */
  readonly signal: AbortSignal
  /** What a person types to call the command, for the lines that say how to go on. Default `tracks`. */
  readonly command?: string
  /** The configuration that `command` names already: those lines need not. */
  readonly configured?: string | undefined
}

/** How the process was called, where npm did it: `npm run tracks --`, `npx tracks`. */
export function commandIn(env: Terminal['env']): string {
  const { npm_command: npmCommand, npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = env
  if (npmCommand === 'run-script' && event === 'tracks') return 'npm run tracks --'
  return npmCommand === 'exec' && /^['"]?tracks\b/.test(script) ? 'npx tracks' : 'tracks'
}

/** What the npm script says behind `--config` by which the process was called. */
export function configuredIn({ npm_command: npmCommand, npm_lifecycle_script: script = '' }: Terminal['env']): string | undefined {
  const [, double, single, plain] = (npmCommand === 'run-script' && /\s--config[ =](?:"([^"]+)"|'([^']+)'|(\S+))/.exec(script)) || []
  return double ?? single ?? plain
}

/** How wide output may be: the terminal, else `COLUMNS`, else 80; from 40. */
export function widthOf({ stdout, env }: Terminal): number {
  const columns = stdout.columns ?? Number(env['COLUMNS'])
  return Math.max(40, Number.isInteger(columns) && columns > 0 ? columns : 80)
}

/** Colours are for terminals, and not where NO_COLOR is set (no-color.org) or the terminal is dumb; FORCE_COLOR has them in a pipe too, such as the log of a CI, or nowhere (0). */
export function hasColour({ stdout, env: { NO_COLOR: none, FORCE_COLOR: forced, TERM: term } }: Terminal): boolean {
  if (none) return false
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return stdout.isTTY === true && term !== 'dumb'
}

export const version = (createRequire(import.meta.url)('../package.json') as { version: string }).version
