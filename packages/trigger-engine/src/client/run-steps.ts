import { addCosts, type Costs, type TracksError } from '@track-orchestrator/registry'
import { runs } from '@trigger.dev/sdk'
import { readCarried } from '../crossing/carried.ts'
import { errorOfRun } from '../crossing/trigger-error.ts'
import { ask } from './ask.ts'
import { statusOf, type RunState } from './run-state.ts'

/** A step of a run that had a run of its own: also an item (`translate[3]`), and a task that a handler asked for. */
export interface RunStep {
  readonly path: string
  readonly track: string
  readonly step: string
  readonly taskName: string
  /** A handler asked for it. */
  readonly nested: boolean
  /** Its own run. */
  readonly runId: string
  readonly status: RunState['status']
  readonly attempts: number
  readonly startedAt?: Date
  readonly finishedAt?: Date
  readonly error?: TracksError
  /** What it has paid itself, as it has told so far; not what its handler had others do. */
  readonly costs?: Costs
}

/** Runs that are asked for at once. */
const atOnce = 8

type Related = { readonly id: string }

/** The steps of a run, in the order in which they were started: those that this run started, not what it took over from an earlier one. */
export async function runSteps(runId: string): Promise<RunStep[]> {
  const found: { readonly step: RunStep; readonly createdAt: Date }[] = []
  let waiting: readonly Related[] = (await retrieve(runId)).relatedRuns.children ?? []
  while (waiting.length > 0) {
    const next: Related[] = []
    for (let first = 0; first < waiting.length; first += atOnce) {
      for (const run of await Promise.all(waiting.slice(first, first + atOnce).map(({ id }) => retrieve(id)))) {
        next.push(...(run.relatedRuns.children ?? []))
        const step = stepOf(run)
        if (step) found.push({ step, createdAt: run.createdAt })
      }
    }
    waiting = next
  }
  return found.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime()).map(({ step }) => step)
}

const retrieve = (id: string) => ask(`tell of ${id}`, () => runs.retrieve(id))

/** Nothing of a run that only walks. */
function stepOf(run: Awaited<ReturnType<typeof retrieve>>): RunStep | undefined {
  const { call, paid } = readCarried(run.metadata)
  if (!call) return undefined
  const { track, step, parentPath, segment, nested } = call
  const status = statusOf(run)
  return {
    ...{ path: `${parentPath}/${segment}`, track, step, taskName: run.taskIdentifier, nested, runId: run.id, status, attempts: run.attemptCount },
    ...(paid && { costs: addCosts(...Object.values(paid)) }),
    ...(run.startedAt && { startedAt: run.startedAt }),
    ...(run.finishedAt && { finishedAt: run.finishedAt }),
    ...((status === 'failed' || status === 'cancelled') && { error: errorOfRun(run) }),
  }
}
