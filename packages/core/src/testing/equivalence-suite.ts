import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { OrchestratorDefinition } from '../definition/definition.ts'
import type { RunEvent } from '../log/run-event.ts'
import type { OrchestratorResult } from '../run/runs.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { answersOf } from './asking-flows.ts'
import { settleAnswered } from './settle-answered.ts'
import { modelRun, type ModelRun, type Stories } from './reference-model.ts'
import { randomOrchestrator } from './random-orchestrators.ts'

/** What the suite needs of an engine, beside runners: all events of a run that has ended, each track's in the order they happened. */
export interface FollowedEngine extends EngineUnderTest {
  eventsOf(runId: string): readonly RunEvent[]
}

const base = { tenantId: 'tenant-1', projectId: 'project-1', trampData: { job: 'equivalence' } }
const start = 17

/** Random orchestrators come to what a plain reference model says, on every engine. `open` is called once. Needs vitest. */
export function equivalenceSuite(title: string, seeds: readonly number[], open: () => Promise<FollowedEngine> | FollowedEngine, orchestratorOf: (seed: number) => OrchestratorDefinition = randomOrchestrator): void {
  const { afterAll, beforeAll, describe, test } = loadVitest('equivalenceSuite')
  describe(title, () => {
    let engine: FollowedEngine
    beforeAll(async () => void (engine = await open()))
    afterAll(() => engine?.close?.())

    test.each(seeds)('random orchestrator %i has the result and the events of the reference model', async (seed) => {
      const orchestrator = orchestratorOf(seed)
      const model = modelRun(orchestrator, { start })
      const result = await settleAnswered(engine, orchestrator, { ...base, start }, answersOf(orchestrator), seed)
      const stories = inTime(storiesOf(engine.eventsOf(result.runId)), model)
      const stops = orchestrator.onTrackFailure === 'halt' && [...model.tracks.values()].some(({ status }) => status === 'failed')
      if (stops) expectHalted(model, result, stories)
      else expectSame(model, result, stories)
    })
  })
}

/** Names of tracks that a race may stop, and of all that belong to a step: see `oddSteps` and `askingSteps`. */
const isLoser = /(?: w|W)aits$|(?: fails |Fails)\d$/
const isInStep = /(?: r|R)ace$|(?: w|W)(?:ins|aits)$|(?: fails |Fails)\d$| again\[\d\]$|Again$|InTime$/

/** A busy machine may take all the time of a track before its step begins, which is then told of neither. */
function inTime(stories: Stories, model: ModelRun): Stories {
  const isHurried = (where: string, story: readonly string[]) => where.endsWith('InTime') && story.join() === 'track.started,track.failed'
  return new Map([...stories].map(([where, story]) => [where, isHurried(where, story) ? (model.stories.get(where) ?? story) : story]))
}

/** Nothing here depends on time: result, every track's end, and every story, word for word. */
function expectSame(model: ModelRun, result: OrchestratorResult, stories: Stories): void {
  const { expect } = loadVitest('equivalenceSuite')
  expect(summaryOf(result)).toEqual(JSON.parse(JSON.stringify(model.end)))
  for (const [name, expected] of model.tracks) {
    const track = result.tracks[name]!
    if (expected.status === 'succeeded') expect(track, name).toMatchObject({ status: 'succeeded' })
    if (expected.status === 'failed') expect(track, name).toMatchObject({ status: 'failed', error: { code: expected.code } })
    if (expected.status === 'skipped') {
      expect(track, name).toMatchObject({ status: 'skipped' })
      expect(expected.because).toContain((track as { because: string }).because)
    }
  }
  for (const [where, story] of stories) if (isLoser.test(where)) expectBeginning(story, model.stories.get(where)!, where)
  const others = (told: Stories) => Object.fromEntries([...told].filter(([where]) => !isLoser.test(where)))
  expect(others(stories)).toEqual(others(model.stories))
}

/**
 * With `halt`, time decides which of the tracks that would fail comes first, and how far the others get. What is left to compare:
 * the run fails with the error of a track that fails in the model; every other track either ends as in the model, or is
 * cancelled; what ends as in the model has the model's story, the rest a beginning of it; what the model skips does not start,
 * and the final task does not run. (Of a step that failed, items that went on besides may have been cancelled.)
 */
function expectHalted(model: ModelRun, result: OrchestratorResult, stories: Stories): void {
  const { expect } = loadVitest('equivalenceSuite')
  const failed = Object.entries(result.tracks).filter(([, { status }]) => status === 'failed')
  expect(failed.length).toBeGreaterThan(0)
  expect(summaryOf(result)).toEqual({ status: 'failed', code: (failed[0]![1] as { error: { code: string } }).error.code })
  const ended = new Set<string>()
  for (const [name, expected] of model.tracks) {
    const track = result.tracks[name]!
    if (track.status === 'failed') expect(expected, name).toEqual({ status: 'failed', code: track.error.code })
    else if (track.status === 'succeeded') expect(expected, name).toMatchObject({ status: 'succeeded' })
    if (track.status === 'failed' || track.status === 'succeeded') ended.add(name)
    else {
      expect(track.status, name).toBe('cancelled')
      if (expected.status === 'skipped') expect(stories.get(name) ?? ['track.cancelled'], name).toEqual(['track.cancelled'])
    }
  }
  for (const [where, story] of stories) {
    const expected = model.stories.get(where) ?? []
    if (isInStep.test(where)) {
      expectBeginning(story, expected, where)
      continue
    }
    const track = model.tracks.get(where.split('/')[1] ?? where)
    expect(track, `${where} belongs to a track: the final task does not run`).toBeDefined()
    if (ended.has(where)) expect(story, where).toEqual(expected)
    else if (track!.status !== 'skipped') expectBeginning(story, expected, where)
  }
}

/** A cancelled track's story breaks off, or ends with the failure of the step that was cancelled. */
export function expectBeginning(story: readonly string[], expected: readonly string[], where: string): void {
  const { expect } = loadVitest('equivalenceSuite')
  const told = [...story]
  if (told.at(-1) === 'track.cancelled') told.pop()
  if (told.at(-1) !== expected[told.length - 1] && told.at(-1)?.startsWith('step.failed')) told.pop()
  expect(told, where).toEqual(expected.slice(0, told.length))
}

function summaryOf(result: OrchestratorResult): unknown {
  if (result.status !== 'succeeded') return { status: result.status, code: result.error.code }
  return JSON.parse(JSON.stringify({ status: 'succeeded', output: result.output }))
}

/**
 * A run's events as stories: one of each track, of each time that it is repeated, with type, step and attempt in order; and one of each item of a step and of each
 * task that a handler called, for those run side by side.
 */
export function storiesOf(events: readonly RunEvent[]): Stories {
  const stories = new Map<string, string[]>()
  for (const event of events) {
    if (!('track' in event) || event.track === undefined || event.type === 'log') continue
    const alone = 'nested' in event && (event.nested || event.path.endsWith(']'))
    const time = /\[\d+\]$/.exec('step' in event ? event.path.slice(0, event.path.lastIndexOf('/')) : (event.path ?? ''))?.[0] ?? ''
    const where = alone ? event.path : event.track + time
    const words: (string | false | undefined)[] = [event.type, 'step' in event && event.step]
    if ('attempt' in event) words.push(`attempt ${event.attempt}`)
    if (event.type === 'step.progress') words.push(event.note)
    if (event.type === 'step.failed' && event.handled) words.push('handled')
    stories.set(where, [...(stories.get(where) ?? []), words.filter(Boolean).join(' ')])
  }
  return stories
}
