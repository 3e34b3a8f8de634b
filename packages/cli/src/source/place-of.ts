import { CommandError } from '../exit.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { historyOf, historyRuns } from './history-runs.ts'
import { journalRuns } from './journal-runs.ts'
import { remoteOf, triggerRuns } from './trigger-runs.ts'
import type { RunSource } from './run-source.ts'

/** Where the runs are that a command is about. */
export type Place = RunSource['name']

export interface PlaceOptions {
  readonly engine?: string | undefined
  readonly supabase?: boolean | undefined
}

/** Throws `CommandError`. */
export function placeOf({ engine = 'in-process', supabase = false }: PlaceOptions): Place {
  if (engine !== 'in-process' && engine !== 'trigger') throw new CommandError(`--engine is one of in-process, trigger (got ${JSON.stringify(engine)}).`)
  if (supabase && engine === 'trigger') throw new CommandError('Say --engine trigger or --supabase: one of the two.')
  return supabase ? 'supabase' : engine === 'trigger' ? 'trigger' : 'journal'
}

/** `tenant`: whose history. */
export async function openSource(place: Place, loaded: LoadedConfig, tenant: string | undefined): Promise<RunSource> {
  if (place === 'trigger') return triggerRuns(await remoteOf(loaded))
  if (place === 'supabase') return historyRuns(await historyOf(loaded, tenant))
  return journalRuns(loaded.journal)
}
