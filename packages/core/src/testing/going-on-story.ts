import { appendFileSync, existsSync } from 'node:fs'
import { defineTask, TerminalError, type TaskHandlers } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// An orchestrator whose steps write down that they ran; one of them fails as long as a file is not there.

export const goingOnTasks = {
  suite_tell: defineTask({
    name: 'suite_tell',
    input: z.object({ name: z.string(), n: z.number(), journal: z.string(), gate: z.string().optional() }),
    output: z.object({ n: z.number(), list: z.array(z.number()) }),
    retry: { maxAttempts: 1 },
  }),
}

export const goingOnHandlers: TaskHandlers<typeof goingOnTasks> = {
  suite_tell: ({ name, n, journal, gate }) => {
    appendFileSync(journal, `${name}\n`)
    if (gate !== undefined && !existsSync(gate)) throw new TerminalError(`${name} is not let in yet`)
    return { n, list: [n, n + 1, n + 2] }
  },
}

interface Input {
  readonly n: number
  readonly journal: string
  readonly gate: string
}
interface Told {
  readonly n: number
}

const tell = (id: string, numberOf: (previous: Told & readonly Told[], original: Input) => number, more: Partial<TrackTaskDefinition> & { readonly gated?: boolean } = {}): TrackTaskDefinition => {
  const { gated = false, ...rest } = more
  return { taskName: 'suite_tell', id, inputMapper: (previous, original: Input) => ({ name: id, n: numberOf(previous as Told & readonly Told[], original), journal: original.journal, ...(gated && { gate: original.gate }) }), ...rest }
}
const sub = (name: string, step: string, n: number): TrackDefinition => ({ name, tasks: [tell(step, () => n)] })

const text: TrackDefinition = {
  name: 'GoingOnText',
  tasks: [
    tell('first', (_previous, { n }) => n),
    { taskName: 'suite_tell', id: 'each', forEach: 'list', concurrency: 1, inputMapper: (n: number, index, { journal }: Input) => ({ name: `each ${index}`, n, journal }) },
    tell('sum', (items) => items.reduce((sum, { n }) => sum + n, 0)),
  ],
}
/** Sub-tracks are runs of their own where an engine has such. */
const beside: CompositeTrackDefinition = {
  name: 'GoingOnBeside',
  type: 'composite',
  input: z.looseObject({ journal: z.string() }),
  tasks: [],
  subTracks: [sub('GoingOnLeft', 'left', 100), sub('GoingOnRight', 'right', 1_000)],
  mergeStrategy: (outputs) => ({ n: (outputs as readonly Told[]).reduce((sum, { n }) => sum + n, 0) }),
}
const end: TrackDefinition = { name: 'GoingOnEnd', tasks: [tell('join', (_previous, { n }) => n, { gated: true }), tell('last', ({ n }) => n + 1)] }

/** Of 1: 1, 2, 3 make 6; with 1,100 beside, 1,107. */
export const goingOn: OrchestratorDefinition = {
  name: 'GoingOn',
  tracks: [text, beside, end],
  trackDependencies: { GoingOnEnd: ['GoingOnText', 'GoingOnBeside'] },
  trackInputMappings: {
    GoingOnEnd: ({ GoingOnText, GoingOnBeside }: Record<string, Told>, original: Input) => ({ ...original, n: GoingOnText!.n + GoingOnBeside!.n }),
  },
  finalTask: { taskName: 'suite_tell', inputMapper: ({ GoingOnEnd }: Record<string, Told>, { journal }: Input) => ({ name: 'final', n: GoingOnEnd!.n * 2, journal }) },
}

/** Counts on; the second time fails as long as the gate is shut. */
const time: TrackDefinition = {
  name: 'GoingOnTime',
  tasks: [
    { taskName: 'suite_tell', id: 'more', inputMapper: ({ n }: Told, { journal, gate }: Input) => ({ name: `more ${n}`, n: n + 1, journal, ...(n === 2 && { gate }) }) },
    { taskName: 'suite_any', inputMapper: ({ n }: Told, { journal, gate }: Input) => ({ value: { n, journal, gate } }) },
  ],
}
/** Of 1: three times make 4, and the final task 8. */
export const goingOnAgain: OrchestratorDefinition = {
  name: 'GoingOnAgain',
  tracks: [{ name: 'GoingOnTimes', tasks: [{ taskName: 'GoingOnTime', id: 'times', track: time, repeat: { until: (_output: unknown, times: number) => times === 3, maxTimes: 3, next: (output: Input) => output } }] }],
  finalTask: { taskName: 'suite_tell', inputMapper: ({ GoingOnTimes }: Record<string, Told>, { journal }: Input) => ({ name: 'final', n: GoingOnTimes!.n * 2, journal }) },
}
