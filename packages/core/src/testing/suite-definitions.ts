import { z } from 'zod'
import { forRegistry } from '../typed/for-registry.ts'
import { edgeOrchestrators, edgeTracks } from './edge-definitions.ts'
import { goingOn, goingOnAgain } from './going-on-story.ts'
import { suiteTasks } from './suite-tasks.ts'

// The definitions that the engine suite runs. An engine that runs tracks in other processes registers all of them there.

const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(suiteTasks)

const journal = z.object({ journal: z.string().optional() })
const number = z.object({ n: z.number(), journal: z.string().optional() })

/** trampData and base fields through a plain step, an item, a nested track and a composite. */
const inner = defineTrack({ name: 'SuiteInner', tasks: [{ taskName: 'suite_echo' }] })
const both = defineCompositeTrack({ name: 'SuiteBoth', type: 'composite', subTracks: [inner], input: z.object({ value: z.json() }) })
const everyStep = defineTrack({
  name: 'SuiteEveryStep',
  input: z.object({ value: z.string() }),
  tasks: [
    { taskName: 'suite_echo', id: 'plain' },
    { taskName: 'suite_echo', id: 'mapped', inputMapper: (prev, original) => ({ value: [original.value, original.tenantId, JSON.stringify(prev.trampData)], trampData: { lost: true } }) },
    { taskName: 'suite_echo', id: 'item', forEach: (prev) => [{ value: prev.seen.tenantId }] },
    { track: inner, id: 'track', inputMapper: () => ({ value: 'inner' }) },
    { track: both, id: 'composite', inputMapper: () => ({ value: 'both' }) },
    {
      taskName: 'suite_echo',
      id: 'all',
      inputMapper: (_prev, _original, { outputs, trampData }) => ({
        value: [outputs.plain.seen, outputs.mapped, outputs.item.map(({ seen }) => seen), outputs.track.seen, outputs.composite.SuiteInner.seen, JSON.parse(JSON.stringify(trampData ?? null))],
      }),
    },
  ],
})

const failing = defineTrack({ name: 'SuiteFailing', tasks: [{ taskName: 'suite_fail' }] })

const each = defineTrack({
  name: 'SuiteEach',
  tasks: [{ taskName: 'suite_list' }, { taskName: 'suite_add', forEach: 'items', concurrency: 100 }],
})

const fanOut = defineTrack({ name: 'SuiteFanOut', tasks: [{ taskName: 'suite_fan_out' }] })

const plusOne = defineTrack({ name: 'SuitePlusOne', input: number, tasks: [{ taskName: 'suite_add' }] })
const plusTen = defineTrack({ name: 'SuitePlusTen', input: number, tasks: [{ taskName: 'suite_add', inputMapper: (prev) => ({ ...prev, by: 10 }) }] })
const pair = defineCompositeTrack({
  name: 'SuitePair',
  type: 'composite',
  input: number,
  tasks: [{ taskName: 'suite_add' }],
  subTracks: [plusOne, plusTen],
  mergeStrategy: ([one, ten]) => ({ n: one.n * 1_000 + ten.n }),
})
const nested = defineCompositeTrack({
  name: 'SuiteNested',
  type: 'composite',
  input: number,
  subTracks: [pair, plusOne],
  mergeStrategy: async (_outputs, { byName }) => ({ pair: byName.SuitePair.n, one: byName.SuitePlusOne.n }),
})

const sleeper = <const Name extends string>(name: Name, ms: number) =>
  defineTrack({ name, input: journal, tasks: [{ taskName: 'suite_sleep', inputMapper: (_prev, original) => ({ ms, name, journal: original.journal }) }] })

/** A and B at once; C after A, D after both. */
const partialOrder = defineOrchestrator({
  name: 'SuitePartialOrder',
  input: journal,
  tracks: [sleeper('A', 50), sleeper('B', 250), sleeper('C', 50), sleeper('D', 10)],
  trackDependencies: { C: ['A'], D: ['A', 'B'] },
  trackInputMappings: { C: (_outputs, original) => ({ journal: original.journal }), D: (_outputs, original) => ({ journal: original.journal }) },
})

const breaks = defineTrack({
  name: 'Breaks',
  input: journal,
  tasks: [{ taskName: 'suite_fail', inputMapper: (_prev, original) => ({ how: 'terminal', journal: original.journal }) }],
})
const after = sleeper('After', 10)
const afterThat = sleeper('AfterThat', 10)
const trouble = {
  input: journal,
  trackDependencies: { After: ['Breaks'], AfterThat: ['After'] },
  trackInputMappings: { After: () => ({}), AfterThat: () => ({}) },
} as const
const halting = defineOrchestrator({ name: 'SuiteHalting', ...trouble, tracks: [breaks, sleeper('Slow', 240_000), after, afterThat] })
const continuing = defineOrchestrator({
  name: 'SuiteContinuing',
  ...trouble,
  tracks: [breaks, sleeper('Unhurt', 400), after, afterThat],
  onTrackFailure: 'continue',
  finalTask: { taskName: 'suite_echo', inputMapper: (outputs) => ({ value: Object.entries(outputs).flatMap(([name, output]) => (output ? [name] : [])) }) },
})

const longSleep = defineTrack({
  name: 'SuiteLongSleep',
  input: journal,
  tasks: [
    { taskName: 'suite_sleep', inputMapper: (_prev, original) => ({ ms: 240_000, name: 'long', journal: original.journal }) },
    { taskName: 'suite_echo', inputMapper: (_prev, original) => ({ value: 'too late', journal: original.journal }) },
  ],
})

export const suiteTracks = { everyStep, failing, each, fanOut, nested, longSleep, ...edgeTracks } as const
export const suiteOrchestrators = { partialOrder, halting, continuing, goingOn, goingOnAgain, ...edgeOrchestrators } as const
