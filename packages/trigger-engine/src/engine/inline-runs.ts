import type { RunTasksOptions, TaskCall, TaskOutcome } from '@track-orchestrator/core'
import { notStarted, runAttempts, runCalls, type AttemptTools, type NestedRunner } from '@track-orchestrator/core/engine'
import { wait as pause } from '@track-orchestrator/registry/waiting'
import type { HaltWatch } from './halt.ts'

export interface InlineTools extends Pick<AttemptTools, 'handlerOf' | 'graceMs' | 'onLimit'> {
  /** What runs the calls that inline handlers ask for. */
  readonly nested: NestedRunner
  readonly halt: HaltWatch | undefined
}

/** How often a run with inline work looks whether it is to stop. */
const lookEveryMs = 5_000

/** Tasks that run inside the Trigger.dev run that asks for them, by the attempts of core. */
export class InlineRuns {
  readonly #tools: InlineTools
  /** Handlers at work: those that wait for tasks of their own are not. */
  #working = 0
  #whenQuiet: (() => void)[] = []
  #lastWait: Promise<unknown> = Promise.resolve()
  /** Resolves when the wait that goes on has ended. */
  #waiting: Promise<unknown> | undefined
  #looking: NodeJS.Timeout | undefined

  constructor(tools: InlineTools) {
    this.#tools = tools
  }

  run(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]> {
    return runCalls(calls, options, (call) => this.#runOne(call))
  }

  /** For whom waits while handlers work here: one wait after the other, and each once nobody works. Trigger.dev may freeze the process of a run that waits. */
  waitInTurn<Value>(wait: () => Promise<Value>): Promise<Value> {
    const own = this.#lastWait.then(async () => {
      while (this.#working > 0) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve))
      const waited = wait()
      this.#waiting = waited.catch(() => {}).then(() => (this.#waiting = undefined))
      return waited
    })
    this.#lastWait = own.catch(() => {})
    return own
  }

  async #runOne(call: TaskCall): Promise<TaskOutcome> {
    const { handlerOf, graceMs, onLimit, nested, halt } = this.#tools
    await halt?.lookIfDue(lookEveryMs)
    while (this.#waiting) await this.#waiting
    const asking: NestedRunner = {
      ...(nested.hasHandler && { hasHandler: (taskName: string) => nested.hasHandler!(taskName) }),
      runTasks: async (calls, options) => {
        this.#end()
        try {
          return await nested.runTasks(calls, options)
        } finally {
          this.#begin()
        }
      },
    }
    this.#begin()
    try {
      return await runAttempts(call, { handlerOf, graceMs, onLimit, nested: asking, retry: undefined, random: Math.random, pause })
    } finally {
      this.#end()
    }
  }

  #begin(): void {
    const { halt } = this.#tools
    if (this.#working++ === 0 && halt && halt.tokens.length > 0) this.#looking = setInterval(() => void halt.look(), lookEveryMs)
  }

  #end(): void {
    if (--this.#working > 0) return
    clearInterval(this.#looking)
    for (const go of this.#whenQuiet.splice(0)) go()
  }
}

export type RunThem = (calls: readonly TaskCall[], options: RunTasksOptions) => Promise<TaskOutcome[]>

/** Inline tasks first, here; then the others, in runs of their own: while this run waits for those, Trigger.dev may freeze the process. */
export async function inlineFirst(calls: readonly TaskCall[], options: RunTasksOptions, here: RunThem, there: RunThem): Promise<TaskOutcome[]> {
  const [inline, others] = [true, false].map((fits) => calls.flatMap((call, number) => (call.inline === fits ? [number] : []))) as [number[], number[]]
  if (inline.length === 0) return there(calls, options)
  const outcomes: TaskOutcome[] = Array.from({ length: calls.length })
  const { onSettled } = options
  const run = async (numbers: readonly number[], runThem: RunThem) => {
    const ended = await runThem(numbers.map((number) => calls[number]!), { ...options, ...(onSettled && { onSettled: (place: number, outcome: TaskOutcome) => onSettled(numbers[place]!, outcome) }) })
    for (const [place, number] of numbers.entries()) outcomes[number] = ended[place]!
  }
  await run(inline, here)
  const isStopped = options.onFailure === 'stop' && inline.some((number) => outcomes[number]!.status === 'failed')
  if (isStopped) for (const number of others) outcomes[number] = notStarted(calls[number]!)
  else if (others.length > 0) await run(others, there)
  return outcomes
}
