import { errorToJson, TracksError, type ErrorJson } from '@track-orchestrator/registry'
import { inputHash } from '../engine/call-key.ts'
import type { TaskCall, TaskOutcome } from '../engine/engine.ts'
import type { CallMemory } from '../engine/call-memory.ts'
import type { RunLog } from '../log/run-log.ts'
import type { RecordAppender } from './append-records.ts'
import { inlineLimitBytes, type BlobReference, type Blobs } from './blobs.ts'
import type { JournalRecord } from './record.ts'

/** How a run that is written down ended. */
export type JournaledEnd = { readonly status: 'succeeded'; readonly output: unknown } | { readonly status: 'failed' | 'cancelled'; readonly error: TracksError }

/** A value in a record: in place, or beside the journal. */
export type Stored<Name extends string> = { readonly [N in Name]?: unknown } & { readonly blob?: BlobReference }

/**
 * One run as its journal holds it, open for writing by this process: what finished in it is not run again, and what finishes is safe
 * before the next step begins.
 */
export class RunJournal implements CallMemory {
  /** For the runner: every event of the run goes into its journal. */
  readonly log: RunLog
  readonly #appender: RecordAppender
  readonly #blobs: Blobs
  readonly #finished: Map<string, JournalRecord>
  readonly #release: () => Promise<void>

  constructor(appender: RecordAppender, blobs: Blobs, earlier: readonly JournalRecord[], release: () => Promise<void>) {
    this.#appender = appender
    this.#blobs = blobs
    this.#release = release
    this.#finished = new Map(earlier.filter(({ type }) => type === 'call.succeeded').map((record) => [record['key'] as string, record]))
    this.log = {
      write: (event) => void appender.write({ type: 'event', event }),
      flush: () => appender.safe(),
    }
  }

  /** What the call came to in this run before. Nothing where it did not finish, had another input, or its output is gone: then it runs. */
  async recall(call: TaskCall): Promise<TaskOutcome | undefined> {
    const record = this.#finished.get(keyOf(call))
    if (!record) return undefined
    const output = await this.#read(record as Stored<'output'>).catch((error: unknown) => {
      if (TracksError.is(error) && error.code === 'journal/output_missing') return lost
      throw error
    })
    if (output === lost) return undefined
    return { status: 'succeeded', output, attempt: record['attempt'] as number, metadata: record['metadata'] as Record<string, unknown> }
  }

  /** Throws `journal/write_failed` where it cannot be written down: then the call must not begin. */
  async started(call: TaskCall): Promise<void> {
    const { path, track, step, contract } = call
    this.#appender.write({ type: 'call.started', key: keyOf(call), path, track, step, taskName: contract.name, ...(await this.#store('input', call.payload)) })
  }

  async ended(call: TaskCall, outcome: TaskOutcome): Promise<void> {
    const { attempt, metadata } = outcome
    const facts = { key: keyOf(call), path: call.path, attempt, metadata }
    if (outcome.status === 'failed') return void this.#appender.write({ type: 'call.failed', ...facts, error: withoutItems(errorToJson(outcome.error)) })
    this.#appender.write({ type: 'call.succeeded', ...facts, ...(await this.#store('output', outcome.output)) })
    await this.#appender.safe()
  }

  /** Writes down how the run ended. Rejects with `journal/write_failed`. */
  async end(end: JournaledEnd): Promise<void> {
    const body = end.status === 'succeeded' ? await this.#store('output', end.output) : { error: withoutItems(errorToJson(end.error)) }
    this.#appender.write({ type: 'run.ended', status: end.status, ...body })
    await this.#appender.safe()
  }

  /** Gives the run back: another process may go on with it. */
  async close(): Promise<void> {
    try {
      await this.#appender.close()
    } finally {
      await this.#release()
    }
  }

  async #store(name: 'input' | 'output', value: unknown): Promise<Stored<string>> {
    const json = JSON.stringify(value) as string | undefined
    if (json === undefined || Buffer.byteLength(json) <= inlineLimitBytes) return { [name]: value }
    return { blob: await this.#blobs.put(json) }
  }

  async #read({ output, blob }: Stored<'output'>): Promise<unknown> {
    // A copy: who is given it may be given it again, and must not see what another did with it.
    return blob ? JSON.parse(await this.#blobs.get(blob)) : structuredClone(output)
  }
}

const lost = Symbol('lost')

/** Within one journal a place and the hash of its input are enough: the walk and the tenant are the run's. */
const keyOf = ({ path, input }: TaskCall): string => `${path}#${inputHash(input)}`

/** What finished of a `forEach` that failed has a record of its own each. */
function withoutItems({ items: _items, ...error }: ErrorJson & { items?: unknown }): ErrorJson {
  return error
}
