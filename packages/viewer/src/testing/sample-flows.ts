import { setTimeout as delay } from 'node:timers/promises'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import { defineRegistry, defineTask, TerminalError, type TaskHandlers } from '@track-orchestrator/registry'
import { z } from 'zod'

// Flows whose runs are of every kind.

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
  tracks: [track('Breaking', 'split', 'broken', 'join'), track('Behind', 'count'), track('Beside', 'linger')],
  trackDependencies: { Behind: ['Breaking'] },
  onTrackFailure: 'continue',
}
export const tracks = [speech, words, track('Waiting', 'split', 'linger', 'join'), track('Chatty', 'chatty')]
export const orchestrators = [reading, failing]
export const definitions: ReadonlyMap<string, TrackDefinition | OrchestratorDefinition> = new Map([...tracks, ...orchestrators].map((definition) => [definition.name, definition]))

/** `lingering`: what `linger` waits for. `isFixed`: whether `broken` works by now. */
export const sampleHandlers = (lingering: Promise<void> = Promise.resolve(), isFixed = () => false): TaskHandlers<typeof registry> => ({
  split: (input, { log }) => {
    log.info(`splits ${hostile}`, { fields: hostile })
    return { lines: (input as { lines?: string[] }).lines ?? ['one', hostile, 'three'], password: 'hunter22', url: 'https://host/x?X-Amz-Signature=abcdef0123' }
  },
  speak: async ({ text }, { log, progress }) => {
    log.debug(`speaks ${String(text)}`)
    progress(0.5)
    await delay(300) // Long beside the tries of `flaky`, on a busy machine too: the critical path goes through here.
    return { sound: `file:///nowhere/${String(text).slice(0, 3)}.mp3` }
  },
  join: () => ({ text: 'joined', deep: { list: Array.from({ length: 300 }, (_, index) => ({ index, word: `word-${index}` })) } }),
  count: () => ({ words: 3 }),
  flaky: (_input, { attempt }) => {
    if (attempt < 3) throw new Error(`not yet, at attempt ${attempt}`)
    return { ok: true }
  },
  broken: () => {
    if (isFixed()) return {}
    throw new TerminalError(`It broke: ${hostile} Bearer abcdefghijklmnop`, { code: 'sample/broken', cause: new Error('the cable was cut') })
  },
  linger: async (_input, { signal }) => {
    await Promise.race([lingering, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))])
    return {}
  },
  chatty: (input, { log, cost }) => {
    cost({ amount: (input as { lines: number }).lines, unit: 'lines' })
    for (let line = 0; line < (input as { lines: number }).lines; line++) log.info(`line number ${line} of a handler that says a lot about what it does`)
    return {}
  },
  notify: () => ({}),
})
