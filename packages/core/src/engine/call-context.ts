import { errorFromJson, parseOutput, redact, TerminalError, type BaseFields, type TaskContext, type TaskContract, type TaskLog, type TaskRequest } from '@track-orchestrator/registry'
import type { RunTasksOptions, TaskCall, TaskOutcome } from './engine.ts'

/** Runs tasks for a handler, which gives up its own place meanwhile. */
export interface NestedRunner {
  runTasks(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]>
}

const silent: TaskLog = { debug() {}, info() {}, warn() {}, error() {} }
const nothing = Object.freeze({})

/** What a handler is given beside its input. Its methods may be taken out of it: `(input, { log, progress }) => …`. */
export class CallContext implements TaskContext {
  readonly attempt: number
  readonly signal: AbortSignal
  private readonly _call: TaskCall
  private readonly _nested: NestedRunner
  private _metadata: Record<string, unknown> | undefined
  private _nestedCount = 0
  private _waiting = false

  constructor(call: TaskCall, attempt: number, signal: AbortSignal, nested: NestedRunner) {
    this._call = call
    this.attempt = attempt
    this.signal = signal
    this._nested = nested
  }

  /** What the handler put into `context.metadata`. */
  static metadataOf(context: CallContext): Readonly<Record<string, unknown>> {
    return context._metadata ?? nothing
  }

  get run() {
    return { id: this._call.runId }
  }
  get taskName() {
    return this._call.contract.name
  }
  get tenantId() {
    return this._call.base.tenantId
  }
  get projectId() {
    return this._call.base.projectId
  }
  get userId() {
    return this._call.base.userId as string
  }
  get trampData() {
    return this._call.base.trampData as NonNullable<BaseFields['trampData']>
  }
  get metadata() {
    return (this._metadata ??= {})
  }

  get log(): TaskLog {
    const { observer } = this._call
    if (!observer) return silent
    return {
      debug: (message, fields) => observer.log('debug', redact(message), fields),
      info: (message, fields) => observer.log('info', redact(message), fields),
      warn: (message, fields) => observer.log('warn', redact(message), fields),
      error: (message, fields) => observer.log('error', redact(message), fields),
    }
  }

  get progress(): TaskContext['progress'] {
    const { observer } = this._call
    return (fraction, note) => {
      if (Number.isFinite(fraction)) observer?.progress(Math.min(1, Math.max(0, fraction)), note)
    }
  }

  get runTasks(): TaskContext['runTasks'] {
    return async <C extends TaskContract>(requests: readonly TaskRequest<C>[], options: { readonly concurrency?: number } = {}) => {
      if (this._waiting) throw twoWaits(this.taskName)
      this._waiting = true
      try {
        const calls = await Promise.all(requests.map(({ task, input }) => this._call.nest(task, input, this._nestedCount++, this.signal)))
        const outcomes = await this._nested.runTasks(calls, options)
        return await Promise.all(outcomes.map((outcome, index) => resultsOf(requests[index]!.task, outcome)))
      } finally {
        this._waiting = false
      }
    }
  }
}

function resultsOf(contract: TaskContract, outcome: TaskOutcome): unknown {
  if (outcome.job.success) return parseOutput(contract, outcome.results)
  throw outcome.thrown ?? errorFromJson(outcome.job.error)
}

/** Trigger.dev cannot wait for two things in one run. What would fail in production fails on a laptop too. */
function twoWaits(taskName: string): TerminalError {
  return new TerminalError(`${taskName} called runTasks while an earlier runTasks was still going on. Pass all the calls in one list.`, { code: 'engine_unsupported' })
}
