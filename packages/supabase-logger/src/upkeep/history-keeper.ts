import type { QueryClient, RunKey } from '../reader/history-client.ts'
import { createRunReader } from '../reader/run-reader.ts'
import { eraseRun, eraseTenant, type Deleted, type UpkeepOptions } from './upkeep.ts'

/** The rows of runs, to be deleted with them. */
export interface HistoryKeeper {
  deleteRun(run: RunKey, options?: Pick<UpkeepOptions, 'signal'>): Promise<{ readonly events: number; readonly runs: number }>
  deleteTenant(tenantId: string, options?: Pick<UpkeepOptions, 'signal'>): Promise<{ readonly events: number; readonly runs: number }>
  runsOf(tenantId: string, options?: Pick<UpkeepOptions, 'signal'>): Promise<string[]>
}

/**
 * What `deleteRun`, `deleteTenant` and `tracks delete` are given, so that rows go with their runs: `keepers: { history: createHistoryKeeper(client) }`. It erases: what
 * a worker still has on its disk is kept out as well. `client`: with the secret key. Throws `DefinitionError` for a wrong option, its methods `ProviderError`.
 */
export function createHistoryKeeper(client: QueryClient, options: Omit<UpkeepOptions, 'signal'> = {}): HistoryKeeper {
  const { schema, timeoutMs } = options
  const reader = createRunReader(client, { schema, timeoutMs })
  return {
    deleteRun: ({ tenantId, runId }, { signal } = {}): Promise<Deleted> => eraseRun(client, { tenantId, runId }, { ...options, signal }),
    deleteTenant: (tenantId, { signal } = {}): Promise<Deleted> => eraseTenant(client, tenantId, { ...options, signal }),
    async runsOf(tenantId, { signal } = {}) {
      const runIds: string[] = []
      for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
        const page = await reader.listRuns({ tenantId, limit: 500, after }, { signal })
        for (const { runId } of page.runs) runIds.push(runId)
        after = page.next
      }
      return runIds
    },
  }
}
