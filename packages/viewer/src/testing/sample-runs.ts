import { setTimeout as delay } from 'node:timers/promises'
import type { CompositeTrackDefinition, OrchestratorDefinition, RunLog, TrackDefinition } from '@track-orchestrator/core'
import { createJournal, createRunner, outlineOf, type Journal } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { z } from 'zod'
import { journalSource, type JournalSourceOptions } from '../source/journal-source.ts'

// Runs of every kind, really run.

const open = z.looseObject({})
const task = <const Name extends string>(name: Name) => defineTask({ name, input: open, output: open, retry: { maxAttempts: 3, minDelayMs: 30, maxDelayMs: 30 } })
export const registry = defineRegistry({ split: task('split'), speak: task('speak'), join: task('join'), count: task('count'), flaky: task('flaky'), broken: task('broken'), linger: task('linger'), chatty: task('chatty'), notify: task('notify') })

/** What a stranger puts everywhere. */
export const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`

const speech: TrackDefinition = {
  name: 'Speech',
  tasks: [
    { taskName: 'split' },
    { taskName: 'speak', forEach: (previous: { lines: string[] }) => previous.lines.map((text) => ({ text })), concurrency: 2 },
    { taskName: 'join', inputMapper: () => ({}) },
  ],
}
const track = (name: string, ...taskNames: string[]): TrackDefinition => ({ name, tasks: taskNames.map((taskName) => ({ taskName })) })
const words: CompositeTrackDefinition = {
  name: 'Words',
  type: 'composite',
  tasks: [{ taskName: 'count' }],
  subTracks: [track('Upper', 'flaky'), { name: 'Lower', tasks: [{ taskName: 'notify', when: () => false }] }],
  mergeStrategy: (outputs) => ({ outputs }),
}
const reading: OrchestratorDefinition = { name: 'Reading', enableSupabaseLogging: true, tracks: [speech, words], finalTask: { taskName: 'join', inputMapper: () => ({}) } }
const failing: OrchestratorDefinition = {
  name: 'Failing',
  enableSupabaseLogging: true,
  tracks: [track('Breaks', 'split', 'broken', 'join'), track('After', 'count'), track('Beside', 'linger')],
  trackDependencies: { After: ['Breaks'] },
  onTrackFailure: 'continue',
}
const long: TrackDefinition = { name: 'Long', tasks: Array.from({ length: 2_000 }, (_, index) => ({ taskName: 'count', id: `step-${index}` })) }
const tracks = [speech, words, track('Waiting', 'split', 'linger', 'join'), long, track('Chatty', 'chatty')]
const orchestrators = [reading, failing]
export const definitions: ReadonlyMap<string, TrackDefinition | OrchestratorDefinition> = new Map([...tracks, ...orchestrators].map((definition) => [definition.name, definition]))

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
    handlers: {
      split: (input, { log }) => {
        log.info(`splits ${hostile}`, { fields: hostile })
        return { lines: (input as { lines?: string[] }).lines ?? ['one', hostile, 'three'], password: 'hunter22', url: 'https://host/x?X-Amz-Signature=abcdef0123' }
      },
      speak: async ({ text }, { log, progress }) => {
        log.debug(`speaks ${String(text)}`)
        progress(0.5)
        await delay(30)
        return { sound: `file:///nowhere/${String(text).slice(0, 3)}.mp3` }
      },
      join: () => ({ text: 'joined', deep: { list: Array.from({ length: 300 }, (_, index) => ({ index, word: `word-${index}` })) } }),
      count: () => ({ words: 3 }),
      flaky: (_input, { attempt }) => {
        if (attempt < 3) throw new Error(`not yet, at attempt ${attempt}`)
        return { ok: true }
      },
      broken: () => {
        if (isFixed) return {}
        throw new TerminalError(`It broke: ${hostile} Bearer abcdefghijklmnop`, { code: 'sample/broken', cause: new Error('the cable was cut') })
      },
      linger: async (_input, { signal }) => {
        await Promise.race([lingering, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))])
        return {}
      },
      chatty: (input, { log }) => {
        for (let line = 0; line < (input as { lines: number }).lines; line++) log.info(`line number ${line} of a handler that says a lot about what it does`)
        return {}
      },
      notify: () => ({}),
    },
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
      act: async (runId, { act, from, set }) => {
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
