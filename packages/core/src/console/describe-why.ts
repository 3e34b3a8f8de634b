import type { WhyPlanned } from '../in-process/plan-run.ts'
import type { JsonDifference } from '../journal/json-difference.ts'
import { printable } from './printable.ts'

/** Why a step is run, or was, in a few words of one line. `withChanges`: what changed in its input stands in it. Default true. */
export function describeWhy(why: WhyPlanned, { withChanges = true }: { readonly withChanges?: boolean } = {}): string {
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
    case 'task_changed':
      return `it runs ${why.after} now, not ${why.before}`
    case 'version_changed':
      return `its contract has version ${why.after ?? 'none'}, not ${why.before ?? 'none'}`
    case 'input_changed':
      if (why.changes.length === 0) return 'its input changed: the earlier one is gone'
      return withChanges ? `its input changed: ${why.changes.map(describeChange).join('; ')}` : 'its input changed'
    default:
      return why.steps.length === 0 ? 'what comes before it is not known' : `behind ${why.steps.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ')}`
  }
}

/** `segments[3].text: "old" → "new"`. */
export function describeChange({ path, before, after }: JsonDifference): string {
  return printable(`${path || '(all of it)'}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`)
}
