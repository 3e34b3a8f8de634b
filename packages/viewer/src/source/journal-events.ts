import type { RunEvent } from '@track-orchestrator/core'
import { describeWhy } from '@track-orchestrator/core/console'
import { eventIn, type JournalRecord, type WhyRun } from '@track-orchestrator/core/in-process'
import { redactValue, type ErrorJson } from '@track-orchestrator/registry'
import type { ValueReference, ViewedEvent } from '../model/wire.ts'

/** What a record tells, as the page takes it: an event of the run first, where it tells one beside what itself is. Records that tell nothing of steps give none. */
export function eventsOf(record: JournalRecord): ViewedEvent[] {
  const told = eventIn(record, undefined) // what is the same for the whole run is not asked for
  const own = eventOf(record)
  return [...(told ? [eventOfRun(told)] : []), ...(own ? [own] : [])]
}

function eventOf(record: JournalRecord): ViewedEvent | undefined {
  const { at, type } = record
  const facts = (...names: string[]) => redactValue(Object.fromEntries(names.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])))) as object
  switch (type) {
    case 'call.started':
      return { at, type, ...facts('path', 'track', 'step', 'taskName', 'nested', 'why', 'asks'), ...(record['why'] !== undefined && { whyText: describeWhy(record['why'] as WhyRun, { withChanges: false }) }), ...reference(record, 'input') } as ViewedEvent
    case 'call.succeeded':
      return { at, type, ...facts('path', 'attempt', 'metadata', 'costs'), ...(record['of'] !== undefined && { takenFrom: record['of'] }), ...reference(record, 'output') } as ViewedEvent
    case 'call.failed':
      return { at, type, ...facts('path', 'attempt', 'error', 'costs') } as ViewedEvent
    case 'run.resumed':
      return { at, type }
    case 'run.ended':
      return { at, type, status: record['status'] as 'failed', ...(record['error'] !== undefined && { error: redactValue(record['error']) as ErrorJson }), ...reference(record, 'output') }
    default:
      return undefined
  }
}

/** What of an event is the same for the whole run is left out: a big run has tens of thousands. */
export function eventOfRun(event: RunEvent): ViewedEvent {
  const { id: _id, sequence: _sequence, runId: _runId, runName: _runName, tenantId: _tenantId, projectId: _projectId, kept: _kept, ...body } = event
  const { userId: _userId, ...rest } = body
  return rest as ViewedEvent
}

function reference(record: JournalRecord, name: 'input' | 'output'): { readonly [Name in 'input' | 'output']?: ValueReference } {
  return record[name] === undefined && record['blob'] === undefined ? {} : { [name]: `${record.n}.${name}` }
}
