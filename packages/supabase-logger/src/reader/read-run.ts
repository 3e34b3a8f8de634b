import { eventFromRow, type StoredEventRow } from '../event-from-row.ts'
import type { RunEvent } from '@track-orchestrator/core'
import { ask, rowsWith, type Asking } from './ask.ts'
import { pageSize, type RunKey } from './history-client.ts'
import { runRows } from './list-runs.ts'
import { stepFromRow, type RunRow, type StepRecord, type StepRow } from './records.ts'

const eventRows = rowsWith<StoredEventRow>(['id', 'type', 'tenant_id', 'run_id', 'run_name', 'level'], ['at', 'received_at'])
const stepRows = rowsWith<StepRow>(['path', 'status', 'first_event_id'], ['started_at'])

/** The row of a run, or `undefined` where the caller can see none of that id. */
export function readRunRow(asking: Asking, { tenantId, runId }: RunKey): Promise<RunRow | undefined> {
  const request = ask(`read run ${runId}`, asking, (tables) => tables.from('track_runs').select().eq('tenant_id', tenantId).eq('run_id', runId).limit(1), runRows)
  return request.then(([row]) => row)
}

/** All steps of a run, in the order in which they began. In one answer: a page of the view costs as much as all of it. */
export async function readSteps(asking: Asking, { tenantId, runId }: RunKey): Promise<StepRecord[]> {
  const rows = await ask(`read the steps of run ${runId}`, asking, (tables) => tables.rpc('read_track_run_steps', { tenant: tenantId, run: runId }), stepRows)
  return rows.map(stepFromRow)
}

/** Which events of a run. */
export interface EventRange {
  /** From behind the event of this id on. */
  readonly afterId?: string | undefined
  /** Only those that the database received at this moment or later, as it wrote it. */
  readonly receivedFrom?: string | undefined
}

/** Events of a run in the order of their ids. Ends at an empty page: one that is short may be all that an answer can hold. */
export async function* readEventRows(asking: Asking, { tenantId, runId }: RunKey, { afterId, receivedFrom }: EventRange = {}): AsyncGenerator<StoredEventRow, void, undefined> {
  for (let last = afterId; ; ) {
    const from = last
    const page = await ask(
      `read the events of run ${runId}`,
      asking,
      (tables) => {
        let rows = tables.from('track_run_events').select().eq('tenant_id', tenantId).eq('run_id', runId).order('id').limit(pageSize)
        if (from !== undefined) rows = rows.gt('id', from)
        if (receivedFrom !== undefined) rows = rows.gte('received_at', receivedFrom)
        return rows
      },
      // What does not go on from where the page before ended would be read for ever.
      (data) => eventRows(data)?.every(({ id }, index, rows) => id > (rows[index - 1]?.id ?? from ?? '')) ? eventRows(data) : undefined,
    )
    if (page.length === 0) return
    yield* page
    last = page.at(-1)!.id
  }
}

/** Events of a run in the order in which they happened, from behind the event `afterId` on. */
export async function* readEvents(asking: Asking, key: RunKey, range?: EventRange): AsyncGenerator<RunEvent, void, undefined> {
  for await (const row of readEventRows(asking, key, range)) yield eventFromRow(row)
}
