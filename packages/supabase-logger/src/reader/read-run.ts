import type { RunEvent } from '@track-orchestrator/core'
import { eventFromRow } from '../event-from-row.ts'
import { pageSize, type HistoryClient, type RunKey } from './history-client.ts'
import { readError } from './read-error.ts'
import { runFromRow, stepFromRow, type RunRecord, type StepRecord } from './records.ts'

/** A run, or `undefined` where the caller can see none of that id. */
export async function readRun(client: HistoryClient, { tenantId, runId }: RunKey): Promise<RunRecord | undefined> {
  const answer = await client.from('track_runs').select().eq('tenant_id', tenantId).eq('run_id', runId).maybeSingle()
  if (answer.error) throw readError(`read run ${runId}`, answer)
  return answer.data ? runFromRow(answer.data) : undefined
}

/** All steps of a run, in the order in which they began. */
export async function readSteps(client: HistoryClient, { tenantId, runId }: RunKey): Promise<StepRecord[]> {
  const steps: StepRecord[] = []
  let last: string | null | undefined
  for (;;) {
    let rows = client.from('track_run_steps').select().eq('tenant_id', tenantId).eq('run_id', runId).order('first_event_id').limit(pageSize)
    if (last) rows = rows.gt('first_event_id', last)
    const answer = await rows
    if (answer.error) throw readError(`read the steps of run ${runId}`, answer)
    steps.push(...answer.data.map(stepFromRow))
    if (answer.data.length < pageSize) return steps
    last = answer.data.at(-1)?.first_event_id
  }
}

/** Events of a run in the order in which they happened, from behind the event `afterId` on. */
export async function* readEvents(client: HistoryClient, { tenantId, runId }: RunKey, afterId?: string): AsyncGenerator<RunEvent, void, undefined> {
  let last = afterId
  for (;;) {
    let rows = client.from('track_run_events').select().eq('tenant_id', tenantId).eq('run_id', runId).order('id').limit(pageSize)
    if (last !== undefined) rows = rows.gt('id', last)
    const answer = await rows
    if (answer.error) throw readError(`read the events of run ${runId}`, answer)
    yield* answer.data.map(eventFromRow)
    if (answer.data.length < pageSize) return
    last = answer.data.at(-1)?.id
  }
}
