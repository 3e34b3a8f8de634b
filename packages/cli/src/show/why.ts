import { printable } from '@track-orchestrator/core/console'
import type { JsonDifference, PlannedStep, WhyPlanned } from '@track-orchestrator/core/in-process'

/** Why a step is run, in one line. */
export function describeWhy(why: WhyPlanned): string {
  switch (why.reason) {
    case 'new':
      return 'new'
    case 'unfinished':
      return 'it was begun, but did not finish'
    case 'failed':
      return 'it failed'
    case 'forced':
      return 'forced'
    case 'output_missing':
      return 'its output is gone'
    case 'version_changed':
      return `its contract has version ${why.after ?? 'none'}, not ${why.before ?? 'none'}`
    case 'input_changed':
      return `its input changed: ${why.changes.length === 0 ? 'the earlier one is gone' : why.changes.map(describeChange).join('; ')}`
    default:
      return why.steps.length === 0 ? 'what comes before it is not known' : `behind ${why.steps.map(lastOf).join(', ')}`
  }
}

/** `segments[3].text: "old" → "new"`. */
export function describeChange({ path, before, after }: JsonDifference): string {
  return printable(`${path || '(all of it)'}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`)
}

/** What a plan does with a step, in one line. */
export const describePlanned = (step: PlannedStep): string => (step.action === 'run' ? describeWhy(step.why) : step.action === 'skip' ? 'its condition says no' : 'it finished, with the same input')

export const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** A path without the name of the run, which stands above. */
export const below = (path: string, name: string): string => (path.startsWith(`${name}/`) ? path.slice(name.length + 1) : path)
