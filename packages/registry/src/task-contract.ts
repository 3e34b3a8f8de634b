import type { $ZodType, input as InputOf, output as OutputOf } from 'zod/v4/core'
import type { Cost } from './cost.ts'
import { DefinitionError } from './errors/definition-error.ts'
import { aFunction, anything, checkOptions, either, durationMs, flag, number, oneOf, required, retryPolicy, shape, text, wholeNumber } from './options/index.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { checkSchema } from './schema/check-schema.ts'

/** Where and beside whom a task runs, on engines with machines and queues of their own. In one process it has no meaning. */
export interface TaskPlacement {
  /** The engine's name of a machine size: on Trigger.dev `micro` to `large-2x`. */
  readonly machine?: string
  /** A queue to share with other tasks, or how many calls of this task may run at once (a whole number from 1), or both. */
  readonly queue?: { readonly name?: string; readonly concurrencyLimit?: number }
  /** The queue's limit holds for each tenant, project or user on their own. */
  readonly concurrencyKey?: 'tenantId' | 'projectId' | 'userId'
  /** Compute time an attempt may take, in seconds, waits not counted. From 5, up to a year. */
  readonly maxDurationSeconds?: number
  /**
   * The task may run inside the run that asks for it, where the engine would give it a run of its own: for light work, which costs less than
   * starting a run. Its outcome is then not remembered: where the run is tried again or resumed, the task runs again, so its output is to be the
   * same for the same input. Not beside a machine, a queue, a concurrency key or a duration. Default false.
   */
  readonly inline?: boolean
}

/** The outcome of a call may be taken by calls of later runs: for tasks whose output depends on nothing but their input, and the files that it names. */
export interface TaskCache {
  /** Which way of doing the task what is kept was made in: another one takes nothing old. */
  readonly version: string
  /** For how long an outcome may be taken, in milliseconds from when it was made, from 1 up to 2,147,483,647 (24.8 days). Default: as long as it is there. */
  readonly ttlMs?: number
}

/** See `TaskContract.expectedCost`. */
export type ExpectedCost<Parsed = any> = 'none' | ((input: Parsed) => Cost | readonly Cost[] | undefined)

/** Throws `DefinitionError` where a task is to run inside another run, and yet has a place of its own. `owner` names what says so. */
export function checkInline(owner: string, { inline, ...own }: TaskPlacement): void {
  const [place] = Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (inline === true && place !== undefined) throw new DefinitionError(`${owner}: a task that is inline runs in the run that asks for it, and cannot have ${place} of its own. Take one of the two away, or say inline: false.`)
}

/**
 * A task's contract: its name, what goes in, what comes out, and how patient to be with it. It does nothing by itself.
 * The type parameters are plain types, worked out once per task: never infer from a whole `ZodType` (it is very slow).
 */
export interface TaskContract<Name extends string = string, In = any, Parsed = any, Out = any, Results = any> {
  readonly name: Name
  readonly description?: string
  readonly input: $ZodType
  readonly output: $ZodType
  /**
   * Which way of doing the task its handler has. Another version than a finished call had makes a resumed run do it again; the handler's own
   * code is never looked at. Default: none.
   */
  readonly version?: string
  readonly retry?: RetryPolicy
  /** Time one attempt may take, in milliseconds, from 1 up to 2,147,483,647 (24.8 days). Default: none. */
  readonly timeoutMs?: number
  readonly placement?: TaskPlacement
  /** Default: none, so that every run does the task itself. See `docs/semantics.md`, "Outcomes of earlier runs", for what each engine does. */
  readonly cache?: TaskCache
  /**
   * What a call of the task is going to cost, by its parsed input: a limit on the costs of a run stops before a call that would go beyond it.
   * `none`: nothing, so that no limit stops it. Default, and `undefined`: not known, so that it begins while the limit is not reached.
   */
  readonly expectedCost?: ExpectedCost
  /** Types only: what a caller may pass, and what the next step sees. */
  readonly '~io': { in: In; out: Out }
  /** Types only: what the handler is given, and what it may return. */
  readonly '~handler': { input: Parsed; results: Results }
}

/**
 * Makes a contract of a name and two schemas. What is `undefined` is as if it were not there.
 * Throws `DefinitionError` where a schema holds what JSON cannot (Date, Map, bigint, a class: outputs cross processes),
 * or uses the name of a base field, which travels beside the input; and where a policy, limit or placement is wrong or misspelt.
 */
export function defineTask<const Name extends string, SI extends $ZodType, SO extends $ZodType>(task: {
  readonly name: Name
  readonly description?: string
  readonly input: SI
  readonly output: SO
  readonly version?: string
  readonly retry?: RetryPolicy
  readonly timeoutMs?: number
  readonly placement?: TaskPlacement
  readonly cache?: TaskCache
  readonly expectedCost?: ExpectedCost<OutputOf<NoInfer<SI>>>
}): TaskContract<Name, InputOf<SI>, OutputOf<SI>, OutputOf<SO>, InputOf<SO>> {
  const { name } = (task ?? {}) as { name?: unknown }
  if (typeof name !== 'string' || !/^\w[\w.:-]{0,127}$/.test(name) || name === '__proto__') {
    throw new DefinitionError(`A task's name is 1-128 letters, digits and _ . : - (got ${typeof name === 'string' ? JSON.stringify(name.slice(0, 200)) : String(name)})`)
  }
  const checked = checkOptions<object>(`Task ${name}`, task, fields)
  checkInline(`Task ${name}: placement`, task.placement ?? {})
  checkSchema(name, 'input', task.input, ['in'])
  checkSchema(name, 'output', task.output, ['out'])
  return checked as never
}

const fields = {
  name: anything,
  description: text({ minLength: 0 }),
  input: anything,
  output: anything,
  version: text({ maxLength: 64 }),
  retry: retryPolicy,
  timeoutMs: durationMs({ from: 1 }),
  cache: shape({ version: required(text({ maxLength: 64 })), ttlMs: durationMs({ from: 1 }) }),
  expectedCost: either(oneOf('none'), aFunction),
  placement: shape({
    machine: text(),
    queue: shape({ name: text({ maxLength: 128 }), concurrencyLimit: wholeNumber({ from: 1 }) }),
    concurrencyKey: oneOf('tenantId', 'projectId', 'userId'),
    maxDurationSeconds: number({ from: 5, to: 31_536_000 }),
    inline: flag,
  }),
}
