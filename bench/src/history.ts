import { startSupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, migrationSql } from '@track-orchestrator/supabase-logger'
import { addManyRuns } from '../../packages/supabase-logger/src/testing/many-runs.ts'
import { plansOf, type RequestPlan } from '../../packages/supabase-logger/src/testing/plan-of.ts'
import type { Measurement } from './measurement.ts'

const rounds = 15

/** What reading the last 50 runs of a project costs PostgreSQL among a million runs, against a hundred thousand. Throws where the plan is no index scan. */
export async function measureHistory(): Promise<Measurement[]> {
  const [few, many] = [await readingAmong(100_000), await readingAmong(1_000_000)]
  const detail = `${many.executionMs.toFixed(3)} ms in the database against ${few.executionMs.toFixed(3)}; ${many.scans.join()}, ${many.read} rows read`
  return [{ name: 'last 50 runs of a project among 1,000,000', ratio: many.executionMs / few.executionMs, limit: 3, detail }]
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
