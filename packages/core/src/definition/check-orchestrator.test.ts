import { DefinitionError, defineRegistry, defineTask } from '@track-orchestrator/registry'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkOrchestrator } from './check-orchestrator.ts'
import type { OrchestratorDefinition, TrackDefinition } from './definition.ts'

const any = z.looseObject({})
const tasks = defineRegistry({ media_probe: defineTask({ name: 'media_probe', input: any, output: any }) })
const track = (name: string): TrackDefinition => ({ name, tasks: [{ taskName: 'media_probe' }] })
const checking = (definition: Omit<OrchestratorDefinition, 'name'>) => () => {
  checkOrchestrator(tasks, { name: 'All', ...definition })
}
const tracks = [track('Audio'), track('Video'), track('Report')]

test('tracks that wait for earlier ones pass', () => {
  expect(checking({ tracks, trackDependencies: { Video: ['Audio'], Report: ['Audio', 'Video'] }, finalTask: { taskName: 'media_probe' } })).not.toThrow()
})

test('an orchestrator and its tracks have names', () => {
  expect(() => {
    checkOrchestrator(tasks, { name: '', tracks })
  }).toThrow('An orchestrator has no name')
  expect(checking({ tracks: [track('')] })).toThrow('Orchestrator "All": a track has no name')
})

test('two tracks of one name are refused', () => {
  expect(checking({ tracks: [track('Audio'), track('Audio')] })).toThrow('Orchestrator "All": two tracks are called "Audio"')
})

test('dependencies and mappings of unknown tracks are refused, with the nearest name', () => {
  expect(checking({ tracks, trackDependencies: { Audoi: ['Video'] } })).toThrow('Orchestrator "All", trackDependencies: there is no track "Audoi". Did you mean "Audio"?')
  expect(checking({ tracks, trackDependencies: { Audio: ['Vidoe'] } })).toThrow('trackDependencies of "Audio": there is no track "Vidoe". Did you mean "Video"?')
  expect(checking({ tracks, trackInputMappings: { Reports: () => 1 } })).toThrow('trackInputMappings: there is no track "Reports". Did you mean "Report"?')
  expect(checking({ tracks, trackDependencies: { Audio: ['toString'] } })).toThrow('there is no track "toString"')
})

test('a track that depends on itself is refused', () => {
  expect(checking({ tracks, trackDependencies: { Audio: ['Audio'] } })).toThrow('the track "Audio" depends on itself')
})

test('a cycle is refused, and spelt out without the tracks that only wait for it', () => {
  const wrong = checking({ tracks: [track('Last'), ...tracks], trackDependencies: { Last: ['Audio'], Audio: ['Video'], Video: ['Report'], Report: ['Audio'] } })
  expect(wrong).toThrow(DefinitionError)
  expect(wrong).toThrow('in a cycle: Audio -> Video -> Report -> Audio.')
})

test('an unknown final task is refused', () => {
  expect(checking({ tracks, finalTask: { taskName: 'media_probes' } })).toThrow('Orchestrator "All", final task: the registry has no task "media_probes". Did you mean "media_probe"?')
})

test('an input of its own that cannot cross a process is refused', () => {
  expect(checking({ tracks, input: z.object({ at: z.coerce.date() }) })).toThrow(DefinitionError)
  expect(checking({ tracks, input: z.object({ at: z.coerce.date() }) })).toThrow('The input schema of All holds something JSON cannot (at: a Date)')
  expect(checking({ tracks, input: z.object({ at: z.iso.datetime() }) })).not.toThrow()
})

test('the tracks are checked, too', () => {
  expect(checking({ tracks: [{ name: 'Wrong', tasks: [{ taskName: 'nothing' }] }] })).toThrow('Track "Wrong", step 1')
})

/** Tracks and dependencies without a cycle: each waits for earlier ones only, and the list is then shuffled. */
const acyclic = fc.integer({ min: 2, max: 12 }).chain((count) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, index) => `T${index}`),
        { minLength: count },
      ),
    )
    .map(([pairs, names]) => {
      const edges: Record<string, string[]> = {}
      for (const [a, b] of pairs) if (a !== b) (edges[`T${Math.max(a, b)}`] ??= []).push(`T${Math.min(a, b)}`)
      return { names, edges }
    }),
)

/** All that a track waits for, by way of others too. */
function upstream(edges: Record<string, string[]>, name: string): string[] {
  const found = new Set(edges[name])
  for (const other of found) for (const further of edges[other] ?? []) found.add(further)
  return [...found]
}

test('any dependencies without a cycle pass', () => {
  fc.assert(
    fc.property(acyclic, ({ names, edges }) => {
      expect(checking({ tracks: names.map(track), trackDependencies: edges })).not.toThrow()
    }),
  )
})

test('one dependency that closes a cycle is refused, and the cycle that the message spells out is one', () => {
  fc.assert(
    fc.property(acyclic, fc.nat(), fc.nat(), ({ names, edges }, pick, pickUpstream) => {
      const waiting = names.filter((name) => upstream(edges, name).length > 0)
      fc.pre(waiting.length > 0)
      const late = waiting[pick % waiting.length]!
      const early = upstream(edges, late)[pickUpstream % upstream(edges, late).length]!
      const closed: Record<string, string[]> = { ...edges, [early]: [...(edges[early] ?? []), late] }
      let message = ''
      try {
        checking({ tracks: names.map(track), trackDependencies: closed })()
      } catch (error) {
        message = String(error)
      }
      const cycle = /in a cycle: ([^.]*)\./.exec(message)?.[1]?.split(' -> ') ?? []
      expect(cycle.length).toBeGreaterThan(2)
      expect(cycle.at(-1)).toBe(cycle[0])
      expect(new Set(cycle).size).toBe(cycle.length - 1)
      for (const [index, name] of cycle.slice(1).entries()) expect(closed[cycle[index]!]).toContain(name)
    }),
  )
})

test('a chain of 10,000 tracks is checked, and so is a cycle of as many, at a cost that grows with their number', () => {
  const costOf = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `T${index}`)
    const chain = Object.fromEntries(names.slice(1).map((name, index) => [name, [`T${index}`]]))
    const long = names.map(track)
    const before = process.cpuUsage()
    expect(checking({ tracks: long, trackDependencies: chain })).not.toThrow()
    expect(checking({ tracks: long, trackDependencies: { ...chain, T0: [`T${count - 1}`] } })).toThrow(`T0 -> T${count - 1} -> T${count - 2} -> T${count - 3}`)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / count
  }
  costOf(1_000)
  expect(costOf(10_000)).toBeLessThan(20 * costOf(1_000))
})
