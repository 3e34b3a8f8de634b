import type { RunLog } from '@track-orchestrator/core'
import { createTriggerLog } from '../trigger-log.ts'

/** What a run says of a log that was away is believed this long. Milliseconds. */
const believedMs = 600_000

/**
 * The logs of one attempt of a run. The runs of a walk tell each other when a log is away: else each of them would wait for it, in a process
 * of its own that has yet to learn it.
 */
export class RunLogs {
  /** For `RunEvents`: Trigger.dev's own, and those of the worker's options. */
  readonly all: readonly RunLog[]
  readonly #own: RunLog
  readonly #others: readonly RunLog[]
  #awayAt = Number.NEGATIVE_INFINITY

  constructor(others: readonly RunLog[], ownPath?: string) {
    this.#others = others
    this.#own = createTriggerLog({ ...(ownPath !== undefined && { ownPath }) })
    this.all = [this.#own, ...others.map((log) => this.#heeding(log))]
  }

  /** When one of them was last known to be away, in milliseconds since 1970, where that need not be found out again. */
  get awayAt(): number | undefined {
    if (this.#others.some((log) => log.isAway === true)) this.#awayAt = Date.now()
    return Date.now() - this.#awayAt < believedMs ? this.#awayAt : undefined
  }

  /** A run of the walk has waited for them in vain. `at`: by its clock. */
  noteAway(at = Date.now()): void {
    this.#awayAt = Math.max(this.#awayAt, at)
  }

  /** The process may be frozen while the run waits: what is written begins to be sent. The run waits for Trigger.dev's own metadata only. */
  async beforeWait(): Promise<void> {
    for (const log of this.#others) void (async () => log.flush(0, 'machine'))().catch(() => {})
    await this.#own.flush(0)
  }

  #heeding(log: RunLog): RunLog {
    const isAway = () => this.awayAt !== undefined
    return {
      payloads: log.payloads ?? false,
      sizes: log.sizes ?? false,
      write: (event) => log.write(event),
      flush: (deadlineMs, loss) => log.flush(deadlineMs, loss),
      get isAway() {
        return isAway()
      },
    }
  }
}

/** By `ctx.run`: what an attempt has learnt of its logs holds for all of its walks. */
const known = new WeakMap<object, RunLogs>()

/** `ownPath`: see `createTriggerLog`. */
export function logsOf(run: object, logs: readonly RunLog[], ownPath?: string): RunLogs {
  const found = known.get(run) ?? new RunLogs(logs, ownPath)
  known.set(run, found)
  return found
}
