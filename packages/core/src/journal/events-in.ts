import type { EventFacts, RunEvent } from '../log/run-event.ts'
import type { TaskCall } from '../engine/engine.ts'
import type { JournalRecord } from './record.ts'

/** What the event `step.started` says beyond the record `call.started` that follows it at once: then it stands there, and nowhere else. */
type Told = Pick<EventFacts, 'id' | 'at' | 'sequence' | 'kept'>

/** Whether a call's record may say what the event does. Of a `forEach` its items have records, not the step. */
export const isToldByCall = (event: RunEvent): boolean => event.type === 'step.started' && event.itemCount === undefined && event.input === undefined && event.inputSizeBytes === undefined

/** What is left to be said of the event in the record of the call; nothing where it is the event of another. */
export function toldWith(call: TaskCall, event: RunEvent): { readonly told: Told } | undefined {
  if (event.type !== 'step.started') return undefined
  const { path, track, step, taskName, nested, id, at, sequence, kept } = event
  const isSame = path === call.path && track === call.track && step === call.step && taskName === call.contract.name && nested === call.nested
  return isSame ? { told: { id, at, sequence, kept } } : undefined
}

/** The event that a record tells, if it tells one. `opened`: the first record of the journal. */
export function eventIn(record: JournalRecord, opened: JournalRecord | undefined): RunEvent | undefined {
  if (record.type === 'event') return record['event'] as RunEvent
  const told = record['told'] as Told | undefined
  if (record.type !== 'call.started' || !told) return undefined
  const { path, track, step, taskName, nested = false } = record as JournalRecord & { path: string; track: string; step: string; taskName: string; nested?: boolean }
  const { tenantId, projectId, userId } = (opened?.['payload'] ?? {}) as Pick<RunEvent, 'tenantId' | 'projectId' | 'userId'>
  return { type: 'step.started', track, path, step, taskName, nested, ...told, runId: opened?.['runId'] as string, runName: opened?.['name'] as string, tenantId, projectId, ...(userId !== undefined && { userId }) }
}

/** The events that all records of a journal tell, in the order in which they happened. */
export const eventsIn = (records: readonly JournalRecord[]): RunEvent[] => records.flatMap((record) => eventIn(record, records[0]) ?? [])
