import { CommandError } from '../exit.ts'

/** As the journal has it: a run's id names its folder. */
const idOfRun = /^[A-Za-z\d_][\w.-]{0,127}$/

/** The id that a person gives to a new run. Throws `CommandError`. */
export function newRunId(said: string | undefined): { readonly runId?: string } {
  if (said === undefined) return {}
  if (said === 'last') throw new CommandError('--run-id last would be the run that last stands for: choose another id.')
  if (!idOfRun.test(said)) throw new CommandError(`--run-id names a folder: 1 to 128 letters, digits and _ . -, the first no dot and no dash (got ${JSON.stringify(said)}).`)
  return { runId: said }
}
