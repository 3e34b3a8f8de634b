import type { Engine, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '@track-orchestrator/core'
import type { VirtualTime } from './virtual-time.ts'

/** The limits of an environment of Trigger.dev. */
export interface CloudLimits {
  /** Runs that work at once. One that waits for others holds no slot: it is checkpointed. */
  readonly slots: number
  /** A bucket of tokens, one for each item of a batch. */
  readonly batchTokens: { readonly burst: number; readonly perSecond: number }
  /** From a free slot to the first line of the task, in milliseconds. */
  readonly startMs: number
}

/** What a task takes: its own work, and that of the tasks that it calls, side by side. */
export interface Work {
  readonly ms: number
  readonly children?: readonly number[]
}

/** What a simulation counted. */
export interface CloudCounts {
  runs: number
  batchTokens: number
  waits: number
  busyMs: number
  mostAtWork: number
  /** How long each run waited for a slot, in milliseconds. */
  readonly slotWaitsMs: number[]
  /** How long each batch waited for its tokens, in milliseconds. */
  readonly tokenWaitsMs: number[]
}

const done = (output: unknown): TaskOutcome => ({ status: 'succeeded', output, attempt: 1, metadata: {} })

/** Plays what tasks took through the engine port, against the limits, in virtual time. */
export class CloudEngine implements Engine {
  readonly counts: CloudCounts = { runs: 0, batchTokens: 0, waits: 0, busyMs: 0, mostAtWork: 0, slotWaitsMs: [], tokenWaitsMs: [] }
  readonly #time: VirtualTime
  readonly #limits: CloudLimits
  readonly #workOf: (taskName: string) => Work
  #atWork = 0
  readonly #queue: (() => void)[] = []
  #queueHead = 0
  /** When the bucket has been filled up by what was taken, in virtual milliseconds: the bucket as a debt. */
  #tokensUntil = 0

  constructor(time: VirtualTime, limits: CloudLimits, workOf: (taskName: string) => Work) {
    this.#time = time
    this.#limits = limits
    this.#workOf = workOf
  }

  async runTask(call: TaskCall): Promise<TaskOutcome> {
    const { ms, children } = this.#workOf(call.contract.name)
    if (call.inline) await this.#time.sleep(ms)
    else {
      this.counts.waits++
      await this.#run(ms)
    }
    if (children) {
      await this.#tokens(children.length)
      this.counts.waits++
      await Promise.all(children.map((childMs) => this.#run(childMs)))
    }
    return done({})
  }

  async runTasks(calls: readonly TaskCall[], _options: RunTasksOptions): Promise<TaskOutcome[]> {
    await this.#tokens(calls.length)
    return Promise.all(calls.map((call) => this.runTask(call)))
  }

  /** All tracks are runs, in one batch; each waits for those before it. */
  async runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    const { names, dependencies } = plan.graph
    await this.#tokens(names.length)
    this.counts.waits++
    const walks: Promise<TrackOutcome>[] = []
    const walk = (index: number): Promise<TrackOutcome> =>
      (walks[index] ??= (async () => {
        const before = await Promise.all(dependencies[index]!.map(walk))
        await this.#run(0)
        return plan.runTrack(index, before, plan.signal)
      })())
    return Promise.all(names.map((_, index) => walk(index)))
  }

  /** The run of the orchestrator itself. */
  begin(): Promise<void> {
    return this.#run(0)
  }

  async #run(ms: number): Promise<void> {
    const { counts } = this
    const askedAt = this.#time.now
    counts.runs++
    if (this.#atWork >= this.#limits.slots) await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#atWork++
    counts.mostAtWork = Math.max(counts.mostAtWork, this.#atWork)
    counts.slotWaitsMs.push(this.#time.now - askedAt)
    await this.#time.sleep(this.#limits.startMs + ms)
    counts.busyMs += this.#limits.startMs + ms
    const next = this.#queue[this.#queueHead]
    if (next) {
      this.#queueHead++
      next()
    } else this.#atWork--
  }

  async #tokens(count: number): Promise<void> {
    const { burst, perSecond } = this.#limits.batchTokens
    const perTokenMs = 1_000 / perSecond
    this.counts.batchTokens += count
    this.#tokensUntil = Math.max(this.#tokensUntil, this.#time.now) + count * perTokenMs
    const waitMs = Math.max(0, this.#tokensUntil - this.#time.now - burst * perTokenMs)
    this.counts.tokenWaitsMs.push(waitMs)
    if (waitMs > 0) await this.#time.sleep(waitMs)
  }
}
