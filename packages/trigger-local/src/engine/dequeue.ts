import type { BackgroundWorker } from './background-worker.ts'
import { findTask, queueLimits } from './background-worker.ts'
import { latestWorker, type Engine } from './engine.ts'
import { machineNamed } from './machine.ts'
import { latestSnapshot, type Run } from './run.ts'
import { addSnapshot } from './snapshot.ts'
import { taskLimits } from './task-limits.ts'

/** How many runs a worker gets at once. */
const runsPerPull = 10

/** Takes from the queues what may run now: the oldest first, within the limits. A run whose task is unknown waits for a version that has it. */
export function dequeue(engine: Engine): Run[] {
  const worker = latestWorker(engine)
  if (!worker) return []
  const queued = [...engine.runs.values()]
    .filter((run) => run.status === 'PENDING' && latestSnapshot(run).executionStatus === 'QUEUED' && run.queuedAtMs <= Date.now())
    .toSorted((a, b) => a.queuedAtMs - b.queuedAtMs)
  const taken: Run[] = []
  for (const run of queued) {
    if (taken.length === runsPerPull) break
    const its = versionFor(engine, run, worker)
    if (!findTask(its, run.task)) run.status = 'PENDING_VERSION'
    else if (hasRoom(engine, run, its)) {
      lockToWorker(engine, run, its)
      taken.push(run)
    }
  }
  return taken
}

function versionFor(engine: Engine, { lockedTo, options }: Run, latest: BackgroundWorker): BackgroundWorker {
  return lockedTo?.worker ?? engine.workers.find(({ version }) => version === options.lockToVersion) ?? latest
}

/** In development a run that waits keeps its slot: nothing is ever put aside. */
function holdsSlot(run: Run): boolean {
  return ['PENDING_EXECUTING', 'EXECUTING', 'EXECUTING_WITH_WAITPOINTS'].includes(latestSnapshot(run).executionStatus)
}

function hasRoom(engine: Engine, run: Run, worker: BackgroundWorker): boolean {
  const holding = [...engine.runs.values()].filter(holdsSlot)
  const sameKey = ({ options }: Run) => options.concurrencyKey === run.options.concurrencyKey
  const inQueue = holding.filter(({ queueName }) => queueName === run.queueName)
  const { perKey, combined } = queueLimits(worker, run.queueName)
  if (holding.length >= engine.maxConcurrentRuns || inQueue.length >= combined || inQueue.filter(sameKey).length >= perKey) return false
  return taskLimits(engine, worker, run).every(({ name, perKey: ofKey, total }) => {
    const its = holding.filter((other) => taskLimits(engine, other.lockedTo?.worker ?? worker, other).some((limit) => limit.name === name))
    return its.length < total && its.filter(sameKey).length < ofKey
  })
}

function lockToWorker(engine: Engine, run: Run, worker: BackgroundWorker): void {
  const { retry, machine } = findTask(worker, run.task)!
  run.lockedTo ??= { worker, retry, maxAttempts: run.options.maxAttempts ?? retry?.maxAttempts, machine: machineNamed(run.options.machine ?? machine?.preset) }
  run.startedAt ??= new Date()
  run.status = 'DEQUEUED'
  addSnapshot(engine, run, 'PENDING_EXECUTING', 'Run was dequeued for execution')
}
