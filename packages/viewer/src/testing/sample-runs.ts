import type { CompositeTrackDefinition, OrchestratorDefinition, RunLog, TrackDefinition } from '@track-orchestrator/core'
import { createJournal, createRunner, outlineOf, type Journal } from '@track-orchestrator/core/in-process'
import { z } from 'zod'
import { journalSource, type JournalSourceOptions } from '../source/journal-source.ts'
import { orchestrators as flows, registry, sampleHandlers, tracks as trackFlows } from './sample-flows.ts'

const track = (name: string, ...taskNames: string[]): TrackDefinition => ({ name, tasks: taskNames.map((taskName) => ({ taskName })) })
/** A track fails, and stops the one beside it. */
const halting: OrchestratorDefinition = { name: 'Halting', tracks: [track('Stops', 'split', 'broken'), track('Meanwhile', 'linger', 'count'), track('Later', 'join')], trackDependencies: { Later: ['Stops', 'Meanwhile'] } }
const racing: CompositeTrackDefinition = { name: 'Racing', type: 'composite', mode: 'race', tasks: [{ taskName: 'split' }], subTracks: [track('Quick', 'count'), track('Slow', 'linger', 'join')] }
const pausing: TrackDefinition = { name: 'Pausing', tasks: [{ taskName: 'count' }, { taskName: 'wait', id: 'a_moment', waitMs: 200 }, { taskName: 'notify' }] }
/** Three times, and for each of two items. */
const repeating: TrackDefinition = {
  name: 'Repeating',
  tasks: [
    { taskName: 'Refining', id: 'refine', track: track('Refining', 'split', 'count'), repeat: { until: (_output: unknown, times: number) => times === 3, maxTimes: 5 } },
    { taskName: 'Each', id: 'each', track: track('Each', 'count'), forEach: () => [{}, {}] },
    { taskName: 'notify', inputMapper: () => ({}) },
  ],
}
const long: TrackDefinition = { name: 'Long', tasks: Array.from({ length: 2_000 }, (_, index) => ({ taskName: 'count', id: `step-${index}` })) }
const asking: TrackDefinition = { name: 'Asking', tasks: [{ taskName: 'split' }, { taskName: 'review', approve: 'review', schema: z.object({ note: z.string() }), timeoutMs: 86_400_000 }, { taskName: 'join' }] }
const [tracks, orchestrators] = [[...trackFlows, racing, pausing, repeating, long, asking], [...flows, halting]]
const definitions: ReadonlyMap<string, TrackDefinition | OrchestratorDefinition> = new Map([...tracks, ...orchestrators].map((definition) => [definition.name, definition]))

/** A journal with a runner. Runs are begun by their names. `releases`: ends the wait of `linger`. */
export function openSamples(folder: string, logs: readonly RunLog[] = []) {
  const journal: Journal = createJournal({ folder })
  let isFixed = false
  let release: (() => void) | undefined
  const lingering = new Promise<void>((end) => (release = end))
  const runner = createRunner({
    registry,
    journal,
    logs,
    tracks,
    orchestrators,
    defaults: { tenantId: 'acme', projectId: 'p1' },
    handlers: sampleHandlers(lingering, () => isFixed),
  })
  const begin = (name: string, runId: string, input: object = {}) => {
    const definition = definitions.get(name)!
    return 'tracks' in definition ? runner.settleOrchestrator(definition, input, { runId }) : runner.settleTrack(definition, input, { runId })
  }
  const source = (options: Partial<JournalSourceOptions> = {}) =>
    journalSource({
      journal,
      name: 'journal of samples',
      outlineOf: (name) => {
        const definition = definitions.get(name)
        return definition && outlineOf(definition, registry)
      },
      act: async (runId, { act, from, set, step, value }) => {
        if (act === 'answer') await runner.answer(runId, step!, value)
        if (act === 'cancel') await journal.cancel(runId)
        if (act === 'resume') void runner.resume(runId)
        if (act !== 'fork') return { runId }
        await runner.fork(runId, { runId: `${runId}-fork`, ...(from !== undefined && { from }), ...(set && { set }) })
        return { runId: `${runId}-fork` }
      },
      ...options,
    })
  return { journal, runner, begin, source, release: () => release!(), fix: () => void (isFixed = true) }
}
