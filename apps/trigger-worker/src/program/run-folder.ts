import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder made for one run, for all that lies between its steps. */
export interface RunFolder {
  readonly path: string
  /** Removes it with all that is in it. */
  remove(): Promise<void>
  /** Leaves it where it is. */
  keep(): void
}

const removing = { recursive: true, force: true, maxRetries: 3 } as const

/**
 * Makes a folder of a new name in `parent`: no other run has it, and nothing but this run's files is ever in it. It goes at the latest when
 * the process ends, unless that is killed without warning.
 */
export async function makeRunFolder(parent: string): Promise<RunFolder> {
  const path = await mkdtemp(join(parent, 'run-'))
  const removeNow = () => rmSync(path, removing)
  process.once('exit', removeNow)
  return {
    path,
    remove: async () => {
      await rm(path, removing)
      process.off('exit', removeNow)
    },
    keep: () => void process.off('exit', removeNow),
  }
}
