import { BackgroundWorkerId } from '@trigger.dev/core/v3/isomorphic'
import { type BackgroundWorker, findTask } from './background-worker.ts'
import { announce, type Engine } from './engine.ts'

/** Makes the manifest the latest version, and lets runs go on that waited for one of its tasks. */
export function registerWorker(engine: Engine, manifest: BackgroundWorker['manifest']): BackgroundWorker {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const worker = { ...BackgroundWorkerId.generate(), version: `${day}.${engine.workers.length + 1}`, manifest }
  engine.workers.push(worker)
  for (const run of engine.runs.values()) {
    if (run.status === 'PENDING_VERSION' && findTask(worker, run.task)) run.status = 'PENDING'
  }
  announce(engine, { type: 'worker.registered', version: worker.version })
  return worker
}
