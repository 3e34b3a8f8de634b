import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { defineRegistry, defineTask, type BaseFields } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition } from '../definition/definition.ts'
import { createJournal, createRunner } from '../in-process/index.ts'

const open = z.looseObject({})
const once = { maxAttempts: 1 }
const tasks = defineRegistry({
  pay: defineTask({ name: 'pay', input: open, output: open, retry: once }),
  shaky: defineTask({ name: 'shaky', input: open, output: open, retry: once }),
  quick: defineTask({ name: 'quick', input: open, output: open, retry: once }),
  linger: defineTask({ name: 'linger', input: open, output: open, retry: once }),
  publish: defineTask({ name: 'publish', input: open, output: open, retry: once }),
})

const ownTrack = (name: string, ...taskNames: string[]): TrackDefinition => ({ name, tasks: taskNames.map((taskName) => ({ taskName })) })
/** Its first walk fails: what finished in it is reused by the second. */
const shaky: TrackDefinition = { ...ownTrack('Shaky', 'quick', 'shaky'), timeoutMs: 3_600_000, retry: { maxAttempts: 5, minDelayMs: 1, maxDelayMs: 1 } }
const race: CompositeTrackDefinition = { name: 'Race', type: 'composite', mode: 'race', tasks: [], subTracks: [ownTrack('Slow', 'linger'), ownTrack('Quick', 'quick')] }
const steered: TrackDefinition = {
  name: 'Steered',
  tasks: [{ taskName: 'pay' }, { taskName: 'wait', waitMs: 100 }, { taskName: 'Shaky', track: shaky, id: 'walked_again' }, { taskName: 'Race', track: race, id: 'raced' }, { taskName: 'publish' }],
}

/** What the flow is run with. */
export const steeredPayload: BaseFields = { tenantId: 'acme', projectId: 'p1' }

/**
 * A flow that pays, waits, has a track with a time limit that is walked again, and a race, as one process has it. What is done stands in the file
 * `done` of the folder, whoever did it; `shaky` fails as long as it stands there only once or not at all.
 */
export function createSteered(folder: string) {
  const file = join(folder, 'done')
  const done = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean)
  const tell = (what: string) => appendFileSync(file, `${what}\n`)
  const runner = createRunner({
    registry: tasks,
    tracks: [steered],
    journal: createJournal({ folder: join(folder, 'journal') }),
    handlers: {
      pay: (_input, { cost }) => (tell('pay'), cost({ amount: 3, unit: 'credits' }), {}),
      shaky: () => {
        tell('shaky')
        if (done().filter((what) => what === 'shaky').length < 2) throw new Error('not the first time')
        return {}
      },
      quick: () => (tell('quick'), {}),
      linger: async (_input, { signal }) => (await delay(60_000, undefined, { signal }), {}),
      publish: () => (tell('publish'), { published: true }),
    },
  })
  return { runner, track: steered, done }
}
