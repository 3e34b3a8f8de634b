import fs from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrackDefinition } from '@track-orchestrator/core'
import { createJournal, createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { z } from 'zod'
import { compare } from './compare.ts'
import type { Measurement } from './measurement.ts'

const length = 200
const wide = 64
/** With one, either side pays for what the other left behind: reading ten thousand lines alone leaves 50 MB. */
const callsABlock = 12
const step = z.object({ n: z.number(), text: z.string() })
const payload = { tenantId: 't', projectId: 'p', n: 1, text: 'x'.repeat(200) }

/** What it costs to write a run down: a chain against a bare append and fdatasync a step, and how many syncs many steps at once share. */
export async function measureJournal(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-journal-'))
  try {
    const tasks = defineRegistry({ step: defineTask({ name: 'step', input: step, output: step }) })
    const handlers = { step: async (input: z.output<typeof step>) => input }
    const chain: TrackDefinition = { name: 'Chain', tasks: Array.from({ length }, (_, index) => ({ taskName: 'step', id: `step-${index}` })) }
    const fan: TrackDefinition = { name: 'Fan', tasks: [{ taskName: 'step', forEach: (prev: z.output<typeof step>) => Array.from({ length: wide }, (_, n) => ({ ...prev, n })) }] }
    const runner = createRunner({ registry: tasks, handlers, journal: createJournal({ folder }) })
    const line = `${JSON.stringify({ type: 'call.succeeded', output: { n: 1, text: payload.text }, events: 'x'.repeat(900) })}\n`
    const inChain = await compare({
      name: 'journal: chain of 200 steps, each safe before the next',
      limit: 1.3,
      units: length,
      bare: async () => {
        const file = await open(join(folder, 'bare.jsonl'), 'a')
        for (let index = 0; index < length; index++) {
          await file.appendFile(line)
          await file.datasync()
        }
        await file.close()
      },
      ours: () => runner.runTrack(chain, payload),
      callsABlock,
    })
    const plain = createRunner({ registry: tasks, handlers })
    const without = await compare({ name: '', limit: 0, units: length, bare: () => runner.runTrack(chain, payload), ours: () => plain.runTrack(chain, payload) })
    const syncs = await countSyncs(() => runner.runTrack(fan, payload))
    return [{ ...inChain, detail: `${inChain.detail}; without a journal ${without.oursNs.toFixed(0)} ns` }, await measureResume(folder), { name: 'journal: syncs a step, 64 steps at once', ratio: syncs / wide, limit: 0.2, detail: `${syncs} fdatasync for ${wide} steps` }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const items = 10_000

/** Going on with a run of 10,000 steps whose last one failed, against reading its journal and parsing every line. */
async function measureResume(folder: string): Promise<Measurement> {
  const contract = { input: step, output: step, retry: { maxAttempts: 1 } }
  const tasks = defineRegistry({ step: defineTask({ name: 'step', ...contract }), last: defineTask({ name: 'last', ...contract }) })
  const track: TrackDefinition = {
    name: 'Long',
    tasks: [
      { taskName: 'step', concurrency: 1_000, forEach: (prev: z.output<typeof step>) => Array.from({ length: items }, (_, n) => ({ ...prev, n })) },
      { taskName: 'last', inputMapper: ([first]: z.output<typeof step>[]) => first! },
    ],
  }
  const handlers = {
    step: async (input: z.output<typeof step>) => input,
    last: () => {
      throw new TerminalError('The last step fails each time.')
    },
  }
  const runner = createRunner({ registry: tasks, handlers, tracks: [track], journal: createJournal({ folder }) })
  const { runId } = await runner.settleTrack(track, payload)
  return compare({
    name: 'journal: resume of 10,000 steps',
    limit: 2,
    units: items,
    bare: async () => (await readFile(join(folder, 'runs', runId, 'journal.jsonl'), 'utf8')).trim().split('\n').map((each) => JSON.parse(each) as unknown),
    ours: () => runner.resume(runId),
    callsABlock,
  })
}

async function countSyncs(run: () => Promise<unknown>): Promise<number> {
  const { fdatasync } = fs
  let count = 0
  fs.fdatasync = ((file, done) => {
    count++
    fdatasync(file, done)
  }) as typeof fdatasync
  syncBuiltinESMExports()
  try {
    await run()
    return count
  } finally {
    fs.fdatasync = fdatasync
    syncBuiltinESMExports()
  }
}
