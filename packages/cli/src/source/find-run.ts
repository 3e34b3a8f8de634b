import type { DamagedRun, Journal } from '@track-orchestrator/core/in-process'
import { adviceOnName } from '@track-orchestrator/registry/options'
import { CommandError, exitCodes } from '../exit.ts'

/** The id of the run that a person means: whole, its beginning, or `last`. A damaged one is found: reading it says so. Throws `CommandError`. */
export async function findRun(journal: Journal, said: string): Promise<string> {
  if (said === '') throw new CommandError('Say which run: its id, the beginning of it, or last.')
  const damaged: DamagedRun[] = []
  const readable = await journal.list({}, { onDamaged: (run) => damaged.push(run) })
  const runs = [...readable, ...damaged].toSorted((a, b) => b.startedAt - a.startedAt)
  if (said === 'last') {
    if (!runs[0]) throw new CommandError('There are no runs yet: begin one with tracks run.', exitCodes.journal)
    return runs[0].runId
  }
  const found = runs.filter(({ runId }) => runId === said || runId.startsWith(said))
  const [run, ...more] = found.filter(({ runId }) => runId === said).length > 0 ? found.filter(({ runId }) => runId === said) : found
  if (more.length > 0) throw new CommandError(`${said} begins the ids of ${found.length} runs: ${found.slice(0, 5).map(({ runId }) => runId).join(', ')}. Write more of it.`, exitCodes.journal)
  if (run) return run.runId
  throw new CommandError(`There is no run ${JSON.stringify(said)}. ${adviceOnName(said, runs.map(({ runId }) => runId))} (tracks runs lists them)`, exitCodes.journal)
}
