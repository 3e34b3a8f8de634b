import type { JournaledStep } from '@track-orchestrator/core/in-process'
import type { ErrorJson } from '@track-orchestrator/registry'
import type { HistoryReader } from '@track-orchestrator/viewer'

/** What a history knows of a step. */
export interface HistoryStep extends Pick<JournaledStep, 'path' | 'track' | 'step' | 'taskName' | 'nested' | 'startedAt'> {
  readonly status: JournaledStep['status'] | 'skipped'
  readonly attempt?: number
  readonly endedAt?: number
  readonly error?: ErrorJson
}

export type HistoryRun = Awaited<ReturnType<HistoryReader['listRuns']>>['runs'][number]

/** What the commands read a history with: `createRunReader` of `@track-orchestrator/supabase-logger` makes one. */
export interface History extends HistoryReader {
  readRun(key: { readonly tenantId: string; readonly runId: string }): Promise<(HistoryRun & { readonly steps: readonly HistoryStep[] }) | undefined>
}
