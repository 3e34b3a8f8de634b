import { ContractError, DefinitionError, toTracksError } from '@track-orchestrator/registry'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { Journal } from '../journal/journal.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import { newId } from '../log/new-id.ts'
import type { RunContext } from '../run/open-run.ts'
import type { Asked } from '../run/runner.ts'
import { settleOrchestrator, settleSingleTask, settleTrack, type RunResult } from '../run/runs.ts'

/** What can be resumed by its name. */
export interface Definitions {
  readonly tracks?: readonly TrackDefinition[] | undefined
  readonly orchestrators?: readonly OrchestratorDefinition[] | undefined
}

/** Runs that are written down while they go on, and can be gone on with after their process. */
export class JournaledRuns {
  readonly #journal: Journal
  readonly #definitions: Definitions
  readonly #open = new Map<string, RunJournal>()

  constructor(journal: Journal, definitions: Definitions) {
    this.#journal = journal
    this.#definitions = definitions
  }

  /** What remembers the calls of a run that goes on now. */
  readonly memoryOf = (runId: string): RunJournal | undefined => this.#open.get(runId)

  /** Begins a run, runs it and writes down how it ended. */
  async run(asked: Asked, context: RunContext, run: (context: RunContext) => Promise<RunResult>): Promise<RunResult> {
    const runId = context.runId ?? newId()
    checkJson(asked)
    const journal = await this.#journal.begin({ runId, ...asked })
    try {
      return await this.#follow(runId, journal, context, run)
    } catch (error) {
      // It was refused before anything ran: there is nothing to go on with.
      await this.#journal.delete(runId)
      throw error
    }
  }

  /** Goes on with a run: what finished in it is not run again. One that has succeeded answers what it came to. */
  async resume(runId: string, context: RunContext): Promise<RunResult> {
    const earlier = await this.#journal.read(runId)
    const { kind, name, payload, startedAt, endedAt = startedAt } = earlier
    if (earlier.status === 'succeeded') return { runId, startedAt, durationMs: endedAt - startedAt, status: 'succeeded', output: await this.#journal.outputOf(earlier) }
    const run = this.#runOf(kind, name, payload)
    return this.#follow(runId, await this.#journal.reopen(runId), context, run)
  }

  async #follow(runId: string, journal: RunJournal, context: RunContext, run: (context: RunContext) => Promise<RunResult>): Promise<RunResult> {
    this.#open.set(runId, journal)
    try {
      const result = await run({ ...context, runId, logs: [...(context.logs ?? []), journal.log] })
      // What finished is safe whatever becomes of this record; without it the run is open, and a resume ends it.
      await journal.end(result).catch((thrown: unknown) => {
        if (result.status === 'succeeded') throw toTracksError(thrown)
      })
      return result
    } finally {
      this.#open.delete(runId)
      await journal.close().catch(() => {}) // where it cannot be written, the step or the end has said so
    }
  }

  #runOf(kind: Asked['kind'], name: string, payload: unknown): (context: RunContext) => Promise<RunResult> {
    if (kind === 'task') return (context) => settleSingleTask(name, payload, context)
    const { tracks = [], orchestrators = [] } = this.#definitions
    if (kind === 'track') {
      const track = tracks.find((known) => known.name === name)
      if (!track) throw unknown(name, 'tracks')
      return (context) => settleTrack(track, payload, context)
    }
    const orchestrator = orchestrators.find((known) => known.name === name)
    if (!orchestrator) throw unknown(name, 'orchestrators')
    return (context) => settleOrchestrator(orchestrator, payload, context)
  }
}

/** What cannot be written down cannot be gone on with. Throws `ContractError`. */
function checkJson({ name, payload }: Asked): void {
  try {
    JSON.stringify(payload)
  } catch (thrown) {
    throw new ContractError(name, 'input', [{ path: [], message: `expected plain JSON data (${toTracksError(thrown).message})` }])
  }
}

function unknown(name: string, option: keyof Definitions): DefinitionError {
  return new DefinitionError(`The run is one of ${name}, which createRunner was not given: put its definition into the option ${option}.`)
}
