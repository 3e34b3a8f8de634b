import { stopSignal } from './stop-signal.ts'

/** What a program of this folder is run with: its process, or what a test puts in its place. */
export interface Program {
  readonly arguments: readonly string[]
  /** Where relative paths are meant from. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
  readonly signal: AbortSignal
}

/** This process. npm runs scripts in a folder of the project; what a person types is meant from where they stand. */
export function thisProgram(): Program {
  const { argv, env, stdout, stderr } = process
  return { arguments: argv.slice(2), folder: env['INIT_CWD'] ?? process.cwd(), env, stdout, stderr, signal: stopSignal() }
}
