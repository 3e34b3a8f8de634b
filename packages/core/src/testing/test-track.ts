import { DefinitionError, type Registry, type TaskContext, type TaskHandler, type TaskHandlers } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { TrackDefinition } from '../definition/definition.ts'
import { registryOf } from '../definition/registry-of.ts'
import { answered } from '../engine/approval.ts'
import { failedCall } from '../engine/failed-call.ts'
import { handlersByName } from '../engine/handler-of.ts'
import { createTimedEngine } from '../in-process/in-process-engine.ts'
import { bindRunner, type Payload } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'
import type { RunLimits } from '../costs/cost-limit.ts'
import type { AnyTrack, TrackInputOf, TrackOutputOf } from '../typed/track.ts'
import { handlerOfFake, type Fake } from './fake.ts'
import { TestClock } from './test-clock.ts'

type Handlers = Readonly<Record<string, TaskHandler<any>>>
type Fakes<H extends Handlers> = { readonly [Name in keyof H]?: Fake<H[Name]> }

/** By the ids of steps that ask (`approve`): what is answered at once. Where nothing is, the time for it passes at once, as every wait does. */
export type Answers = Readonly<Record<string, unknown>>

/** What to test, where the registry says what fakes may answer. */
export interface TrackOfRegistry<R extends Registry, T extends TrackDefinition> {
  readonly registry: R
  readonly track: T
  /** The real ones. */
  readonly handlers?: Partial<TaskHandlers<R>>
  /** Instead of the real ones: a handler, or what it answers, when. */
  readonly fakes?: { readonly [Name in keyof R]?: Fake<TaskHandler<R[Name]>> }
  readonly answers?: Answers
}

/** What to test, where the handlers say what fakes may answer. The track must have been made by `forRegistry`. */
export interface TrackOfHandlers<H extends Handlers, T extends TrackDefinition> {
  readonly track: T
  readonly handlers: H
  readonly fakes?: Fakes<H>
  readonly answers?: Answers
}

/** One attempt of a task. */
export interface TestedCall {
  readonly taskName: string
  /** From 1. */
  readonly attempt: number
  /** As the contract parsed it. */
  readonly input: unknown
  /** What the handler answered; `undefined` where it threw, or has not answered. */
  readonly output?: unknown
  readonly error?: unknown
  /** Whether a fake answered. */
  readonly fake: boolean
  /** In milliseconds of the test's clock, from the beginning of the run. */
  readonly startedAtMs: number
}

/** How a run ended, what was called, and how long it would have taken. */
export type TestedRun<Output> = RunResult<Output> & {
  /** Every attempt, in the order in which they began. */
  readonly calls: readonly TestedCall[]
  /** In milliseconds of the test's clock: waits between attempts and what fakes take, in full. */
  readonly elapsedMs: number
}

const tenant = { tenantId: 'test', projectId: 'test' }
type PayloadOf<T> = T extends AnyTrack ? Payload<TrackInputOf<T>, typeof tenant> : any
type OutputOf<T> = T extends AnyTrack ? TrackOutputOf<T> : any

/** Runs the track. Base fields may be left out: `test`. Rejects only for what is wrong before anything runs. */
export interface TestableTrack<T extends TrackDefinition> {
  readonly run: (payload: PayloadOf<T>, context?: { readonly signal?: AbortSignal; readonly limits?: RunLimits }) => Promise<TestedRun<OutputOf<T>>>
}

/**
 * A track with fakes for some of its tasks and the real handlers for the rest. Waits cost no time: those between attempts, and what fakes take,
 * pass at once, and time limits go by the same clock, so that "busy for a minute, then too slow" is a test of milliseconds. Retries wait for
 * exactly what the policy says, nothing left to chance. While a real handler works, time is real. Needs no test framework.
 * Throws `DefinitionError` for a fake of a task that is not there, and for a track whose registry is not known: give `registry` then.
 */
export function testTrack<const R extends Registry, T extends TrackDefinition>(what: TrackOfRegistry<R, T>): TestableTrack<T>
export function testTrack<H extends Handlers, T extends TrackDefinition>(what: TrackOfHandlers<H, T>): TestableTrack<T>
export function testTrack(what: { readonly registry?: Registry; readonly track: TrackDefinition; readonly handlers?: object; readonly fakes?: object; readonly answers?: Answers }): TestableTrack<TrackDefinition> {
  const { track, handlers = {}, fakes = {}, answers = {} } = what
  const registry = what.registry ?? registryOf(track)
  if (!registry) throw new DefinitionError(`testTrack: the registry of ${track?.name} is not known. Make the track with forRegistry(tasks).defineTrack, or give registry.`)
  for (const name of Object.keys(fakes)) {
    if (!Object.hasOwn(registry, name)) throw new DefinitionError(`testTrack: fakes.${name}: the registry has no such task. ${adviceOnName(name, Object.keys(registry))}`)
  }
  const realOf = handlersByName(handlers)
  const run = async (payload: unknown, context: { readonly signal?: AbortSignal; readonly limits?: RunLimits } = {}) => {
    const clock = new TestClock()
    const calls: Writable<TestedCall>[] = []
    const watched = (taskName: string, handler: TaskHandler, fake: boolean): TaskHandler => async (input, given) => {
      const call: Writable<TestedCall> = { taskName, attempt: given.attempt, input: structuredClone(input), fake, startedAtMs: clock.now() }
      calls.push(call)
      try {
        return (call.output = await clock.work(async () => handler(input, resting(given, clock))))
      } catch (thrown) {
        call.error = thrown
        throw thrown
      }
    }
    const used: Record<string, TaskHandler> = {}
    for (const name of Object.keys(registry)) {
      const fake = Object.hasOwn(fakes, name) ? (fakes as Record<string, Fake<TaskHandler> | undefined>)[name] : undefined
      const handler = fake ? handlerOfFake(name, fake, clock) : realOf(name)
      if (handler) used[name] = watched(name, handler, fake !== undefined)
    }
    const engine = createTimedEngine({ handlers: used, random: () => 1 }, { clock, pause: clock.wait })
    const askAnybody = engine.ask.bind(engine)
    engine.ask = async (call, question) => (Object.hasOwn(answers, call.step) ? answered(call, answers[call.step]).catch((thrown: unknown) => failedCall(call, thrown, 0)) : askAnybody(call, question))
    const runner = bindRunner<Registry, typeof context, typeof tenant>((own) => ({ engine, registry, ...own }), tenant)
    const result = await runner.settleTrack(track, payload, context)
    return { ...result, calls, elapsedMs: clock.now() }
  }
  return { run }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The context, with calls to other tasks that are not counted as the handler's own work. */
function resting(context: TaskContext, clock: TestClock): TaskContext {
  const { runTasks } = context
  ;(context as Writable<TaskContext>).runTasks = (requests, options) => clock.rest(() => runTasks(requests, options))
  return context
}
