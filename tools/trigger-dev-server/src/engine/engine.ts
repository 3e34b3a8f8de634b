import type { BackgroundWorker } from './background-worker.ts'
import type { Batch } from './batch.ts'
import type { EngineEvent } from './engine-event.ts'
import type { Run } from './run.ts'
import type { ServerVersion } from './server-version.ts'
import { createTimers, type Timers } from './timers.ts'
import type { Waitpoint } from './waitpoint.ts'

/** Everything that the local engine knows: one environment, in memory. The functions beside this file change it. */
export interface Engine {
  /** By friendly id. */
  readonly runs: Map<string, Run>
  /** By friendly id. */
  readonly batches: Map<string, Batch>
  /** By friendly id. */
  readonly waitpoints: Map<string, Waitpoint>
  /** Every version that was registered, the latest last. */
  readonly workers: BackgroundWorker[]
  /** Which run a task's idempotency key stands for, until when. */
  readonly runKeys: Map<string, { run: Run; expiresAt: Date }>
  /** Keys of batches, taken for good. */
  readonly batchKeys: Set<string>
  /** Which waitpoint a key stands for. */
  readonly waitpointKeys: Map<string, Waitpoint>
  readonly events: EngineEvent[]
  readonly listeners: Set<(event: EngineEvent) => void>
  readonly timers: Timers
  /** How many runs the environment works on at once, waiting ones included. */
  readonly maxConcurrentRuns: number
  /** Which server's way with errors it has. */
  readonly version: ServerVersion
}

/** An engine that has seen nothing yet. */
export function createEngine({ maxConcurrentRuns, version }: Pick<Engine, 'maxConcurrentRuns' | 'version'>): Engine {
  return {
    runs: new Map(),
    batches: new Map(),
    waitpoints: new Map(),
    workers: [],
    runKeys: new Map(),
    batchKeys: new Set(),
    waitpointKeys: new Map(),
    events: [],
    listeners: new Set(),
    timers: createTimers(),
    maxConcurrentRuns,
    version,
  }
}

/** Writes the event down and tells whoever listens. */
export function announce(engine: Engine, event: Omit<EngineEvent, 'at'>): void {
  const dated = { at: new Date(), ...event } as EngineEvent
  engine.events.push(dated)
  for (const listener of engine.listeners) listener(dated)
}

/** The version that new runs get. */
export function latestWorker(engine: Engine): BackgroundWorker | undefined {
  return engine.workers.at(-1)
}
