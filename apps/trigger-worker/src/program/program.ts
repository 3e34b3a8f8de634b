import { exitCodeOf, stopSignal } from '@track-orchestrator/cli/stop-signal'
import { describeFailure, ProgramError } from './describe-failure.ts'

/** What a program of this folder is run with: its process, or what a test puts in its place. */
export interface Program {
  readonly arguments: readonly string[]
  /** Where relative paths are meant from. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream
  /** Aborted when a person, or the system, wants the program to stop. */
  readonly signal: AbortSignal
}

/** This process. npm runs scripts in a folder of the project; what a person types is meant from where they stand. */
export function thisProgram(): Program {
  const { argv, env, stdout, stderr } = process
  // Whoever read along may leave (`| head`, a closed terminal): the work goes on, and nobody is told.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
  const signal = stopSignal({ onStop: () => void stderr.write('\nStopping … (once more to leave at once)\n'), withParent: env['npm_lifecycle_event'] !== undefined })
  return { arguments: argv.slice(2), folder: env['INIT_CWD'] ?? process.cwd(), env, stdout, stderr, signal }
}

/** Runs what a program does, and may give an exit code. Returns it: 0 done, 1 failed, 2 asked wrongly, 3 a malformed variable, 129, 130 or 143 stopped. What is thrown is told in a sentence. */
export async function runProgram({ stderr, signal }: Pick<Program, 'stderr' | 'signal'>, work: () => Promise<number | void>): Promise<number> {
  try {
    return (await work()) ?? 0
  } catch (error) {
    if (signal.aborted) {
      stderr.write('Stopped.\n')
      return exitCodeOf(signal)
    }
    stderr.write(`${describeFailure(error)}\n`)
    return error instanceof ProgramError ? error.exitCode : 1
  }
}
