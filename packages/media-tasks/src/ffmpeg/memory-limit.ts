import type { Ffmpeg } from './ffmpeg.ts'

/** A program and what it is started with. */
export interface Invocation {
  readonly program: string
  readonly args: readonly string[]
}

/**
 * The same, under a limit of memory that the system keeps (prlimit(1): `RLIMIT_DATA`, which libraries and code do not count for), where there
 * is a `prlimit`. It becomes the program itself: process number, pipes and signals are the program's own.
 */
export function underMemoryLimit({ prlimitPath }: Pick<Ffmpeg, 'prlimitPath'>, { program, args }: Invocation, memoryBytes: number): Invocation {
  if (prlimitPath === undefined) return { program, args }
  return { program: prlimitPath, args: [`--data=${memoryBytes}`, '--', program, ...args] }
}

/** The limit, where the system keeps it. */
export function limitOf({ prlimitPath }: Pick<Ffmpeg, 'prlimitPath'>, memoryBytes: number): number | undefined {
  return prlimitPath === undefined ? undefined : memoryBytes
}

/** What prlimit says where the program behind it is not there, or may not be run. */
export const notStarted = /^prlimit: failed to execute/
