import { jsonDifferences, type JsonDifference } from './json-difference.ts'
import type { JournaledStep } from './journaled-steps.ts'

/** How a step of one run differs from the same step of another. What is the same in both is left out. */
export interface StepDifference {
  readonly path: string
  /** The step is in that run only. */
  readonly only?: 'before' | 'after'
  readonly input?: readonly JsonDifference[]
  readonly output?: readonly JsonDifference[]
  readonly status?: Sides<JournaledStep['status']>
  readonly attempts?: Sides<number>
  /** `message` of the errors. */
  readonly error?: Sides<string | undefined>
  /** Milliseconds. A step that differs in nothing else is left out. */
  readonly durationMs?: Sides<number>
}

interface Sides<Value> {
  readonly before: Value
  readonly after: Value
}

/** The steps that differ between two runs, in the order of the first, then those that only the second has. */
export function diffSteps(before: readonly JournaledStep[], after: readonly JournaledStep[]): StepDifference[] {
  const later = new Map(after.map((step) => [step.path, step]))
  const earlier = new Set(before.map(({ path }) => path))
  return [
    ...before.flatMap((step) => differenceOf(step, later.get(step.path))),
    ...after.filter(({ path }) => !earlier.has(path)).map(({ path }): StepDifference => ({ path, only: 'after' })),
  ]
}

function differenceOf(a: JournaledStep, b: JournaledStep | undefined): StepDifference[] {
  const { path } = a
  if (!b) return [{ path, only: 'before' }]
  const input = jsonDifferences(a.input, b.input)
  const output = jsonDifferences(a.output, b.output)
  const found = {
    ...(input.length > 0 && { input }),
    ...(output.length > 0 && { output }),
    ...(a.status !== b.status && { status: { before: a.status, after: b.status } }),
    ...(a.attempts !== b.attempts && { attempts: { before: a.attempts, after: b.attempts } }),
    ...(a.error?.message !== b.error?.message && { error: { before: a.error?.message, after: b.error?.message } }),
  }
  if (Object.keys(found).length === 0) return []
  const durations = a.endedAt !== undefined && b.endedAt !== undefined && b.takenFrom === undefined && { durationMs: { before: a.endedAt - a.startedAt, after: b.endedAt - b.startedAt } }
  return [{ path, ...found, ...durations }]
}
