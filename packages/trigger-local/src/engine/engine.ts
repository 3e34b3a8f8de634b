import type { BackgroundWorker } from './background-worker.ts'
import type { Batch } from './batch.ts'
import type { EngineEvent } from './engine-event.ts'
import type { EngineRules } from './engine-rules.ts'
import type { Run } from './run.ts'
import { createTimers, type Timers } from './timers.ts'
import type { Waitpoint } from './waitpoint.ts'

/** Everything that the local engine knows: one environment, in memory. The functions beside this file change it. */
export interface Engine extends EngineRules {
  /** By friendly id. */
  readonly runs: Map<string, Run>
  /** By friendly id. */
  readonly batches: Map<string, Batch>
  /** By friendly id. */
  readonly waitpoints: Map<string, Waitpoint>
  /** Every version that was registered, the latest last. */
  readonly workers: BackgroundWorker[]
  /** Which run a task's idempotency key stands for, until when. */
  readonly runKeys: Map<string, { readonly run: Run; expiresAt: Date }>
  /** Keys of batches, taken for good. */
  readonly batchKeys: Set<string>
  /** Which waitpoint a key stands for. */
  readonly waitpointKeys: Map<string, Waitpoint>
  readonly events: EngineEvent[]
  readonly listeners: Set<(event: EngineEvent) => void>
  readonly timers: Timers
  /** What is left of the tokens for items of batches. Filled in steps, not steadily. */
  readonly bucket: { tokens: number; filledAtMs: number }
}

/** An engine that has seen nothing yet. */
export function createEngine(rules: EngineRules): Engine {
  return {
    ...rules,
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
    bucket: { tokens: rules.batchTokens.max, filledAtMs: Date.now() },
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
