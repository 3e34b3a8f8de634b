import type { Batch } from '../engine/batch.ts'
import type { BackgroundWorker } from '../engine/background-worker.ts'
import type { Engine } from '../engine/engine.ts'
import { isFinal, type Run } from '../engine/run.ts'
import type { Waitpoint } from '../engine/waitpoint.ts'

/** What an engine knows, as plain JSON: things that name each other do so by id. */
export interface EngineRecords {
  readonly workers: readonly BackgroundWorker[]
  readonly waitpoints: readonly (Omit<Waitpoint, 'waiting'>)[]
  readonly runs: readonly RunRecord[]
  readonly batches: readonly BatchRecord[]
  readonly runKeys: readonly { readonly entry: string; readonly runId: string; readonly expiresAt: Date }[]
  readonly batchKeys: readonly string[]
}

export interface RunRecord extends Omit<Run, 'parent' | 'root' | 'children' | 'waitpoint' | 'lockedTo' | 'blockers' | 'snapshots'> {
  readonly parentId: string | undefined
  readonly rootId: string | undefined
  readonly waitpointId: string
  readonly lockedTo: (Omit<NonNullable<Run['lockedTo']>, 'worker'> & { readonly version: string }) | undefined
  readonly snapshots: readonly Omit<Run['snapshots'][number], 'completedWaitpoints'>[]
}

export interface BatchRecord extends Omit<Batch, 'parent' | 'waitpoint' | 'itemsSeen' | 'runs'> {
  readonly parentId: string | undefined
  readonly waitpointId: string
  readonly itemsSeen: readonly number[]
  readonly runIds: readonly string[]
}

/** How many trees of runs that have ended are kept: the latest. A run whose key still stands for it is kept anyway. */
const keptTrees = 1_000

/** All that is worth keeping of the engine. What a run waits for is not: no process goes on with it. */
export function engineRecords(engine: Engine): EngineRecords {
  const runs = keptRuns(engine)
  const kept = new Set(runs)
  const batches = [...engine.batches.values()].filter((batch) => [...batch.runs].every((run) => kept.has(run)))
  const waitpoints = new Set([...engine.waitpoints.values()].filter(({ type, completed }) => type === 'MANUAL' || (type === 'DATETIME' && !completed)))
  for (const { waitpoint } of [...runs, ...batches]) waitpoints.add(waitpoint)
  const named = new Set(runs.flatMap(({ lockedTo }) => lockedTo?.worker ?? []))
  return {
    workers: engine.workers.filter((worker) => named.has(worker) || worker === engine.workers.at(-1)),
    waitpoints: [...waitpoints].map(({ waiting: _waiting, ...waitpoint }) => waitpoint),
    runs: runs.map(runRecord),
    batches: batches.map(({ parent, waitpoint, itemsSeen, runs: its, ...batch }) =>
      ({ ...batch, parentId: parent?.friendlyId, waitpointId: waitpoint.friendlyId, itemsSeen: [...itemsSeen], runIds: [...its].map(({ friendlyId }) => friendlyId) })),
    runKeys: [...engine.runKeys].filter(([, { run }]) => kept.has(run)).map(([entry, { run, expiresAt }]) => ({ entry, runId: run.friendlyId, expiresAt })),
    batchKeys: [...engine.batchKeys],
  }
}

function runRecord({ parent, root, children: _children, waitpoint, lockedTo, blockers: _blockers, snapshots, ...run }: Run): RunRecord {
  return {
    ...run, parentId: parent?.friendlyId, rootId: root?.friendlyId, waitpointId: waitpoint.friendlyId,
    lockedTo: lockedTo && { version: lockedTo.worker.version, retry: lockedTo.retry, maxAttempts: lockedTo.maxAttempts, machine: lockedTo.machine },
    snapshots: snapshots.map(({ completedWaitpoints: _completed, ...snapshot }) => snapshot),
  }
}

function keptRuns(engine: Engine): Run[] {
  const runs = [...engine.runs.values()]
  const rootOf = (run: Run) => run.root ?? run
  const open = new Set(runs.filter((run) => !isFinal(run)).map(rootOf))
  for (const { run, expiresAt } of engine.runKeys.values()) if (expiresAt.getTime() > Date.now()) open.add(rootOf(run))
  const ended = runs.filter((run) => !run.root && !open.has(run)).slice(-keptTrees)
  const kept = new Set([...open, ...ended])
  return runs.filter((run) => kept.has(rootOf(run)))
}
