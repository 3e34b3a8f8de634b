import type { OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '@track-orchestrator/core'
import { createTriggerWorker } from '@track-orchestrator/trigger-engine'
import { unevenDependencies, unevenNaps } from '../uneven-graph.ts'
import { handlers, tasks } from '../work.ts'

const step = (index: number, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: 'add', id: `add-${index}`, ...more })
const inline = { placement: { inline: true } } as const
const steps = (count: number, more: Partial<TrackTaskDefinition> = {}) => Array.from({ length: count }, (_, index) => step(index, more))

const node = (level: number, lane: number) => `OursNode${level}x${lane}`
const levels = [0, 1, 2, 3, 4]
const lanes = [0, 1, 2]

const napTrack: TrackDefinition = { name: 'OursNap', tasks: [{ taskName: 'nap', ...inline }] }
const tracks: TrackDefinition[] = [
  { name: 'OursChain', tasks: steps(10) },
  { name: 'OursLight', tasks: steps(10, inline) },
  { name: 'OursFan', tasks: [{ taskName: 'add', forEach: (_previous, { count }: { count: number }) => Array.from({ length: count }, (_, n) => ({ n })) }] },
  { name: 'OursUneven', tasks: [{ taskName: 'nap', concurrency: 4, forEach: (_previous, { naps }: { naps: number[] }) => naps.map((ms) => ({ ms })) }] },
  { name: 'OursUnevenItems', tasks: [{ track: napTrack, taskName: 'OursNap', concurrency: 4, forEach: (_previous, { naps }: { naps: number[] }) => naps.map((ms) => ({ ms })) }] },
]
/** As `OursUnevenA`. */
const uneven = (name: string) => `OursUneven${name}`

const orchestrators: OrchestratorDefinition[] = [
  {
    name: 'OursUnevenGraph',
    tracks: Object.entries(unevenNaps).map(([name, ms]) => ({ name: uneven(name), tasks: [{ taskName: 'nap', ...inline, inputMapper: () => ({ ms }) }] })),
    trackDependencies: Object.fromEntries(Object.entries(unevenDependencies).map(([name, before]) => [uneven(name), before.map(uneven)])),
    trackInputMappings: { [uneven('F')]: () => ({}) },
  },
  { name: 'OursLanes', tracks: lanes.map((lane) => ({ name: `OursLane${lane}`, tasks: steps(5) })) },
  {
    name: 'OursGraph',
    tracks: levels.flatMap((level) => lanes.map((lane) => ({ name: node(level, lane), tasks: [step(0, { ...inline, inputMapper: () => ({ n: level }) })] }))),
    // Each of a level waits for two of the level before.
    trackDependencies: Object.fromEntries(levels.slice(1).flatMap((level) => lanes.map((lane) => [node(level, lane), [node(level - 1, lane), node(level - 1, (lane + 1) % 3)]]))),
    trackInputMappings: Object.fromEntries(levels.slice(1).flatMap((level) => lanes.map((lane) => [node(level, lane), () => ({})]))),
  },
]

createTriggerWorker({ registry: tasks, handlers, tracks, orchestrators })
