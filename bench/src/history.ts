import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, migrationSql, toEventRow } from '@track-orchestrator/supabase-logger'
import { clientOf, eventsOf } from '../../packages/supabase-logger/src/testing/history-project.ts'
import { addManyRuns, addSteps } from '../../packages/supabase-logger/src/testing/many-runs.ts'
import { plansOf, type RequestPlan } from '../../packages/supabase-logger/src/testing/plan-of.ts'
import type { Measurement } from './measurement.ts'

const rounds = 15

/** What reading costs as the work grows: among a million runs, of a run of 100,000 steps, and beside one that is followed. */
export async function measureHistory(): Promise<Measurement[]> {
  const supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
  try {
    for (const [runId, steps] of [['short', 10_000], ['long', 100_000]] as const) await addSteps(supabase, runId, steps)
    return [await measureLists(), await measureReadRun(supabase), await measureFollowing(supabase)]
  } finally {
    await supabase.stop()
  }
}

/** The last 50 runs of a project among a million runs, against a hundred thousand. Throws where the plan is no index scan. */
async function measureLists(): Promise<Measurement> {
  const [few, many] = [await readingAmong(100_000), await readingAmong(1_000_000)]
  const detail = `${many.executionMs.toFixed(3)} ms in the database against ${few.executionMs.toFixed(3)}; ${many.scans.join()}, ${many.read} rows read`
  return { name: 'last 50 runs of a project among 1,000,000', ratio: many.executionMs / few.executionMs, limit: 3, detail }
}

const readerOf = (supabase: SupabaseLocal) => createRunReader(clientOf(supabase, supabase.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 't' } })), { timeoutMs: 60_000 })

/** A run of 100,000 steps against ten times one of 10,000, in turn, the best of each. */
async function measureReadRun(supabase: SupabaseLocal): Promise<Measurement> {
  const reader = readerOf(supabase)
  const best = { short: Infinity, long: Infinity }
  for (let round = 0; round < 5; round++) {
    for (const runId of ['short', 'long'] as const) {
      const start = performance.now()
      const run = await reader.readRun({ tenantId: 't', runId })
      best[runId] = Math.min(best[runId], performance.now() - start)
      if (run?.steps.length !== (runId === 'long' ? 100_000 : 10_000)) throw new Error(`The run ${runId} has ${run?.steps.length} steps.`)
    }
  }
  const detail = `${best.long.toFixed(0)} ms with 300,000 events, ${best.short.toFixed(0)} ms with 30,000; PostgREST's time limit is 8 s`
  return { name: 'readRun of 100,000 steps', ratio: best.long / (10 * best.short), limit: 1.5, detail }
}

/** What a follower costs for each new event, behind 300,000 and behind 30,000 that are there: bytes that it reads, and requests. */
async function measureFollowing(supabase: SupabaseLocal): Promise<Measurement> {
  const events = 40
  const following = async (runId: string) => {
    const seen = { requests: 0, bytes: 0 }
    const counting = clientOf(supabase, supabase.serviceRoleKey, async (input, init) => {
      const answer = await fetch(input, init)
      seen.requests++
      seen.bytes += (await answer.clone().arrayBuffer()).byteLength
      return answer
    })
    const fresh = eventsOf(Array.from({ length: events }, () => ({ type: 'log', level: 'info', message: 'more' }) as const), { runId, tenantId: 't', at: Date.now() })
    const [newest] = await supabase.sql('select max(id::text) as id from track_run_events where run_id = $1', [runId])
    const store = async (index: number) => {
      const { error } = await counting.rpc('store_track_run_events', { events: [toEventRow(fresh[index]!)] })
      if (error) throw new Error(error.message)
    }
    await store(0)
    let [taken, start] = [0, 0]
    for await (const _event of createRunReader(counting).followRun({ tenantId: 't', runId }, { afterId: String(newest?.['id']), intervalMs: 1 })) {
      if (taken++ === 0) [seen.requests, seen.bytes, start] = [0, 0, performance.now()]
      if (taken === events) break
      await store(taken)
    }
    return { ...seen, ms: performance.now() - start }
  }
  const [short, long] = [await following('short'), await following('long')]
  const each = ({ requests, bytes, ms }: typeof long) => `${(bytes / (events - 1)).toFixed(0)} bytes, ${(requests / (events - 1)).toFixed(1)} requests and ${(ms / (events - 1)).toFixed(0)} ms an event`
  return { name: 'bytes a follower reads for a new event behind 300,000', ratio: long.bytes / short.bytes, limit: 1.5, detail: `${each(long)}; behind 30,000 ${each(short)}` }
}

/** The plan of the median round. */
async function readingAmong(count: number): Promise<RequestPlan> {
  const supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
  try {
    await addManyRuns(supabase, count)
    const token = supabase.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 't7' } })
    const plans: RequestPlan[] = []
    for (let round = 0; round < rounds; round++) {
      plans.push(...(await plansOf(supabase, token, (client) => createRunReader(client).listRuns({ tenantId: 't7', projectId: 'p3' }))))
    }
    const wrong = plans.find(({ scans }) => scans.join() !== 'Index Scan track_runs_of_project')
    if (wrong) throw new Error(`Among ${count} runs, the last 50 of a project are read by ${wrong.scans.join()}, not from the index.`)
    return plans.toSorted((a, b) => a.executionMs - b.executionMs)[Math.floor(rounds / 2)]!
  } finally {
    await supabase.stop()
  }
}
