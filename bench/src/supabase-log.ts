import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { createSupabaseLog, migrationSql, type SupabaseLogOptions } from '@track-orchestrator/supabase-logger'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { z } from 'zod'
import { quantile } from './compare.ts'
import { measureLogWaits } from './log-waits.ts'
import type { Measurement } from './measurement.ts'

const writeLimitMicroseconds = 100
const eventsASecond = 4_000
const queuedEvents = 50_000

/** The log to Supabase, on PostgreSQL and PostgREST on this machine: what it costs the run, and how fast it empties. */
export async function measureSupabaseLog(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-supabase-'))
  const supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
  try {
    const options = (name: string) => ({ url: supabase.url, key: supabase.serviceRoleKey, spoolFolder: join(folder, name) })
    return [
      await measureMemory(folder),
      await measureWrite(options('write')),
      await measureThroughput(supabase, options('throughput')),
      await measureSteps('', options('steps')),
      await measureSteps(' while Supabase is down', { ...options('outage'), url: 'http://127.0.0.1:1', onNotice: () => undefined }),
      ...(await measureLogWaits(supabase, folder)),
    ]
  } finally {
    await supabase.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a step reports of itself: about 500 bytes a row. */
let made = 0
function event(): RunEvent {
  const number = ++made
  const id = `01900000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
  const place = { track: 'AudioProcessingTrack', path: 'VoiceConversion/AudioProcessingTrack/convert_json_to_srt', step: 'convert_json_to_srt', taskName: 'convert_json_to_srt', nested: false }
  const facts = { id, at: Date.now(), sequence: number, runId: `run-${Math.floor(number / 100)}`, runName: 'VoiceConversion', tenantId: 'tenant', projectId: 'project', kept: true }
  return { ...facts, type: 'step.succeeded', ...place, attempt: 1, durationMs: 12, outputSizeBytes: 1_024, metadata: { cues: 120, language: 'en' } }
}

/** Single calls of `write`, while the sender is at work in the background. In blocks, of which the one in the middle counts: a slow spell of the machine is not ours. */
async function measureWrite(options: SupabaseLogOptions): Promise<Measurement> {
  const log = createSupabaseLog(options)
  const blocks: number[][] = []
  for (let block = 0; block < 25; block++) {
    const samples: number[] = []
    for (let round = 0; round < 25; round++) {
      for (let call = 0; call < 40; call++) {
        const one = event()
        const start = performance.now()
        log.write(one)
        samples.push((performance.now() - start) * 1_000)
      }
      await sleep(5)
    }
    blocks.push(samples)
  }
  await log.close(30_000)
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(blocks.map((samples) => quantile(samples, share)), 0.5))
  const detail = `p50 ${p50!.toFixed(0)} µs, p99 ${p99!.toFixed(0)} µs of ${writeLimitMicroseconds} µs, longest of all ${Math.max(...blocks.flat()).toFixed(0)} µs`
  return { name: 'one write to the Supabase log, p99', ratio: p99! / writeLimitMicroseconds, limit: 1, detail }
}

/** One connection, one request at a time, from a full queue to an empty one. */
async function measureThroughput(supabase: SupabaseLocal, options: SupabaseLogOptions): Promise<Measurement> {
  const log = createSupabaseLog(options)
  const count = 20_000
  for (let index = 0; index < count; index++) log.write(event())
  const start = performance.now()
  await log.flush(120_000)
  const perSecond = (log.counts().sent / (performance.now() - start)) * 1_000
  await log.close(1_000)
  const [stored] = await supabase.sql('select count(*)::int from track_run_events')
  const detail = `${perSecond.toFixed(0)} events/s of at least ${eventsASecond}, batches of 500, through PostgREST, with the rows of their runs; ${String(stored?.['count'])} rows stored`
  return { name: 'time to empty the Supabase log', ratio: eventsASecond / perSecond, limit: 1, detail }
}

/** What the process holds while nobody answers: 50,000 events that wait against 10,000, all that memory is meant for. */
async function measureMemory(folder: string): Promise<Measurement> {
  const log = createSupabaseLog({ url: 'http://127.0.0.1:1', key: 'none', spoolFolder: join(folder, 'memory'), onNotice: () => undefined })
  log.write(event())
  const before = heldMegabytes()
  const growth = async (count: number) => {
    while (log.counts().waiting < count) log.write(event())
    await sleep(100)
    return heldMegabytes() - before
  }
  const [few, many] = [await growth(10_000), await growth(queuedEvents)]
  await log.close(0)
  const detail = `${many.toFixed(1)} MB with ${queuedEvents} events waiting, ${few.toFixed(1)} MB with 10,000`
  return { name: 'memory of a Supabase log that cannot send', ratio: many / few, limit: 1.25, detail }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heldMegabytes(): number {
  for (let round = 0; round < 4; round++) collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1_048_576
}

/** Steps of 50 ms that report progress, with the log and without it, in turn. */
async function measureSteps(when: string, options: SupabaseLogOptions): Promise<Measurement> {
  const registry = defineRegistry({ wait: defineTask({ name: 'wait', input: z.any(), output: z.any() }) })
  const handlers = {
    wait: async (_input: unknown, { progress }: { readonly progress: (fraction: number) => void }) => {
      for (let part = 1; part <= 5; part++) {
        await sleep(10)
        progress(part / 5)
      }
      return {}
    },
  }
  const track = { name: 'Waits', enableSupabaseLogging: true, tasks: Array.from({ length: 20 }, (_, index) => ({ taskName: 'wait' as const, id: `${index}` })) }
  const log = createSupabaseLog(options)
  // Its end is not measured here: that is `measureLogWaits`.
  const unhurried: RunLog = { write: (one) => log.write(one), flush: async () => undefined }
  const time = async (logs: RunLog[]) => {
    const steps: number[] = []
    let from = 0
    const clock: RunLog = {
      write: ({ type }) => {
        if (type === 'step.started') from = performance.now()
        if (type === 'step.succeeded') steps.push(performance.now() - from)
      },
      flush: async () => undefined,
    }
    await createRunner({ registry, handlers, logs: [clock, ...logs] }).runTrack(track, { tenantId: 't', projectId: 'p' })
    return steps
  }
  await time([unhurried])
  const bare: number[] = []
  const logged: number[] = []
  for (let round = 0; round < 11; round++) {
    bare.push(...(await time([])))
    logged.push(...(await time([unhurried])))
  }
  await log.close(when === '' ? 10_000 : 0)
  const [without, with_] = [quantile(bare, 0.5), quantile(logged, 0.5)]
  const detail = `half of ${logged.length} steps take at most ${with_.toFixed(2)} ms with, ${without.toFixed(2)} ms without`
  return { name: `steps with the Supabase log${when}`, ratio: with_ / without, limit: 1.02, detail }
}
