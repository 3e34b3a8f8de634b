import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEnvironment, type Environment } from './environment.ts'

/** What the flows are run with on this machine, by the `tracks` command. */
export interface LocalEnvironment {
  /** Where runs are kept, and beside them what lies between their steps: `TRACKS_FOLDER`, or `.tracks` where the command is run. */
  readonly folder: string
  readonly environment: Environment
}

type Raw = Readonly<Record<string, string | undefined>>

/** The folder of the bundled video, if this worker has one. */
const sample = join(dirname(fileURLToPath(import.meta.url)), '../sample')

/** Where the person stands: npm runs scripts in a folder of the project. */
const hereIn = ({ INIT_CWD }: Raw): string => INIT_CWD ?? process.cwd()

/** Folders whose files may be read where `READABLE_FOLDERS` says nothing: where the command is run, and the bundled video's. */
export const usuallyReadable = (env: Raw): readonly string[] => [hereIn(env), sample].filter((path) => existsSync(path))

/** The environment with what is usual on one machine where it says nothing: all files below `folder`, one encoder a core. Throws as `readEnvironment` does. */
export function readLocalEnvironment(env: Raw = process.env): LocalEnvironment {
  const { TRACKS_FOLDER, STORAGE_FOLDER, TEMPORARY_FOLDER, ENCODER_THREADS } = env
  const folder = resolve(hereIn(env), TRACKS_FOLDER || '.tracks')
  const usual = { STORAGE_FOLDER: STORAGE_FOLDER || join(folder, 'storage'), TEMPORARY_FOLDER: TEMPORARY_FOLDER || join(folder, 'temporary'), ENCODER_THREADS: ENCODER_THREADS || '1' }
  const environment = readEnvironment({ ...env, ...usual })
  return { folder, environment: environment.readableFolders.length > 0 ? environment : { ...environment, readableFolders: usuallyReadable(env) } }
}
