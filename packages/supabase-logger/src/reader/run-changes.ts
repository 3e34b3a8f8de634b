import type { RunKey } from './history-client.ts'

/** Says when there may be news of a run. It may say so too often, and may miss some: who listens also looks from time to time. */
export interface RunChanges {
  /** Returns what ends it. */
  subscribe(run: RunKey, onChange: () => void): () => void
}

/** What is used of a client of supabase-js. */
export interface RealtimeClient {
  channel(topic: string, options: { readonly config: { readonly private: boolean } }): Channel
  removeChannel(channel: never): unknown
}

interface Channel {
  on(type: 'broadcast', filter: { event: string }, listener: (message: { payload?: { runId?: unknown } }) => void): unknown
  subscribe(): unknown
}

interface Topic {
  readonly channel: Channel
  readonly listeners: Set<(runId: unknown) => void>
}

/**
 * Changes over Supabase Realtime: the private topic `track_runs:<tenant>`, on which the database broadcasts. One channel a tenant.
 * The client must be signed in as a user of the tenant (a session, or `realtime.setAuth`).
 */
export function createRealtimeChanges(client: RealtimeClient): RunChanges {
  const topics = new Map<string, Topic>()
  const open = (tenantId: string): Topic => {
    const listeners: Topic['listeners'] = new Set()
    const channel = client.channel(`track_runs:${tenantId}`, { config: { private: true } })
    channel.on('broadcast', { event: 'run.changed' }, ({ payload }) => {
      for (const listener of listeners) listener(payload?.runId)
    })
    channel.subscribe()
    const topic = { channel, listeners }
    topics.set(tenantId, topic)
    return topic
  }
  return {
    subscribe({ tenantId, runId }, onChange) {
      const { channel, listeners } = topics.get(tenantId) ?? open(tenantId)
      const listener = (changed: unknown) => {
        if (changed === runId) onChange()
      }
      listeners.add(listener)
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        topics.delete(tenantId)
        void client.removeChannel(channel as never)
      }
    },
  }
}
