import { describeWhy } from '@track-orchestrator/core/console'
import type { PlannedStep } from '@track-orchestrator/core/in-process'

/** What a plan does with a step, in one line. */
export const describePlanned = (step: PlannedStep): string => (step.action === 'run' ? describeWhy(step.why) : step.action === 'skip' ? 'its condition says no' : 'it finished, with the same input')

/** A path without the name of the run, which stands above. */
export const below = (path: string, name: string): string => (path.startsWith(`${name}/`) ? path.slice(name.length + 1) : path)
