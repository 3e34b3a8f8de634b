import { describeChange, formatDuration, printable } from '@track-orchestrator/core/console'
import { diffSteps, type StepDifference } from '@track-orchestrator/core/in-process'
import { below } from '../show/why.ts'
import type { Asking } from './verb.ts'

/** The steps that differ between two runs. */
export async function diff({ source: open, show }: Asking, before: string, after: string): Promise<void> {
  const source = await open()
  const [a, b] = [await source.find(before), await source.find(after)]
  const [first, second] = [await source.read(a), await source.read(b)]
  const steps = diffSteps(first.steps, second.steps)
  const { name } = first.run
  if (source.name !== 'journal') show.note('How steps went is compared; what they were given and made is known to a journal only.')
  show.value({ before: a, after: b, steps })
  if (steps.length === 0) return show.line('No step differs.')
  show.table([{ head: 'Step', wraps: true }, { head: 'What' }, { head: 'Before → after', wraps: true }], steps.flatMap((step) => linesOf(step).map(([what, change], index) => [index === 0 ? below(step.path, name) : '', what, change])))
}

function linesOf({ only, input = [], output = [], status, attempts, error, durationMs }: StepDifference): [string, string][] {
  if (only) return [['only', only === 'before' ? 'in the first run' : 'in the second run']]
  return [
    ...input.map((change): [string, string] => ['input', describeChange(change)]),
    ...output.map((change): [string, string] => ['output', describeChange(change)]),
    ...(status ? [['status', `${status.before} → ${status.after}`] as [string, string]] : []),
    ...(attempts ? [['tries', `${attempts.before} → ${attempts.after}`] as [string, string]] : []),
    ...(error ? [['error', printable(`${error.before ?? 'none'} → ${error.after ?? 'none'}`)] as [string, string]] : []),
    ...(durationMs ? [['took', `${formatDuration(durationMs.before)} → ${formatDuration(durationMs.after)}`] as [string, string]] : []),
  ]
}
