import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { OrchestratorDefinition } from '../definition/definition.ts'
import type { RunEvent } from '../log/run-event.ts'
import type { OrchestratorResult } from '../run/runs.ts'
import { expectBeginning, storiesOf, type FollowedEngine } from './equivalence-suite.ts'
import { randomOrchestrator } from './random-orchestrators.ts'
import { modelRun, type ModelRun } from './reference-model.ts'
import { createSeededRandom } from './seeded-random.ts'

/** What the suite needs of an engine, beside what `equivalenceSuite` does: it is told of each event as it happens. */
export interface WatchedEngine extends FollowedEngine {
  watch(onEvent: (event: RunEvent) => void): void
}

const base = { tenantId: 'tenant-1', projectId: 'project-1', trampData: { job: 'cancellation' } }
const start = 17

/**
 * Random orchestrators that are cancelled at a random event come to what the reference model allows: nothing begins afterwards, nothing that
 * was going on succeeds, and what was told until then is how the model's stories begin. `open` is called once. Needs vitest.
 */
export function cancellationSuite(title: string, seeds: readonly number[], open: () => Promise<WatchedEngine> | WatchedEngine, orchestratorOf: (seed: number) => OrchestratorDefinition = randomOrchestrator): void {
  const { afterAll, beforeAll, describe, expect, test } = loadVitest('cancellationSuite')
  describe(title, () => {
    let engine: WatchedEngine
    beforeAll(async () => void (engine = await open()))
    afterAll(() => engine?.close?.())

    test.each(seeds)('random orchestrator %i, cancelled at a random event, ends as the reference model allows', async (seed) => {
      const orchestrator = orchestratorOf(seed)
      const model = modelRun(orchestrator, { start })
      const told = [...model.stories.values()].reduce((sum, story) => sum + story.length, 0)
      const controller = new AbortController()
      const watched = watchUntil(1 + createSeededRandom(seed).below(told + 2), controller)
      engine.watch(watched.onEvent)
      const result = (await engine.runner.settleOrchestrator(orchestrator, { ...base, start }, { signal: controller.signal })) as OrchestratorResult
      if (!watched.isCancelled() || watched.before.at(-1)?.type === 'run.succeeded' || watched.before.at(-1)?.type === 'run.failed') {
        expect(result.status).not.toBe('cancelled')
        return
      }
      expect(result).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
      expectStopped(watched)
      expectAllowed(model, result, engine.eventsOf(result.runId))
    })
  })
}

interface Watched {
  readonly onEvent: (event: RunEvent) => void
  readonly isCancelled: () => boolean
  /** Events up to the one at which it was cancelled. */
  readonly before: RunEvent[]
  /** Events of the same turn: what had ended already may still be told. */
  readonly atOnce: RunEvent[]
  readonly after: RunEvent[]
}

/** Cancels at so many events. */
function watchUntil(count: number, controller: AbortController): Watched {
  const watched = { before: [] as RunEvent[], atOnce: [] as RunEvent[], after: [] as RunEvent[] }
  let into = watched.before
  const onEvent = (event: RunEvent) => {
    into.push(event)
    if (into !== watched.before || into.length < count) return
    into = watched.atOnce
    setImmediate(() => (into = watched.after))
    controller.abort(new Error('enough'))
  }
  return { ...watched, onEvent, isCancelled: () => controller.signal.aborted }
}

/** Nothing begins once it is cancelled, no track succeeds, and no step that was going on. */
function expectStopped({ atOnce, after }: Watched): void {
  const { expect } = loadVitest('cancellationSuite')
  const of = (events: readonly RunEvent[], types: readonly string[]) => events.filter(({ type }) => types.includes(type))
  expect(of([...atOnce, ...after], ['track.started', 'step.started', 'step.retrying', 'track.succeeded', 'run.succeeded', 'run.failed'])).toEqual([])
  expect(of(after, ['step.succeeded'])).toEqual([])
}

/** A track ends as in the model, or is cancelled, or skipped for one that did not succeed; and its story is how the model's begins. */
function expectAllowed(model: ModelRun, result: OrchestratorResult, events: readonly RunEvent[]): void {
  const { expect } = loadVitest('cancellationSuite')
  for (const [name, expected] of model.tracks) {
    const track = result.tracks[name]!
    if (track.status === 'cancelled') continue
    expect(track.status, name).toBe(expected.status)
    if (track.status === 'failed') expect(track.error.code, name).toBe((expected as { code: string }).code)
  }
  for (const [where, story] of storiesOf(events)) {
    if (story[0] === 'track.started') expect(story.filter((line) => /^track\.(?:succeeded|failed|cancelled)/.test(line)), where).toHaveLength(1)
    if (story.join() !== 'track.skipped' && story.join() !== 'track.cancelled') expectBeginning(story, model.stories.get(where) ?? [], where)
  }
}
