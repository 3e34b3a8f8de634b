import type { RunEvent } from '@track-orchestrator/core'

type Facts = Pick<RunEvent, 'id' | 'at' | 'sequence' | 'runId' | 'runName' | 'tenantId' | 'projectId' | 'userId' | 'kept'>

interface Dropped {
  count: number
  /** Of the last one: its place in the run is where the gap is told of. */
  last: Facts
}

/** Runs remembered at most. Of more, only the number of dropped events is kept. */
const runs = 1_000

/** Counts the events that found no room, so that each run can be told of its own. */
export class DroppedEvents {
  readonly #byRun = new Map<string, Dropped>()
  /** All there ever were. */
  total = 0

  add({ id, at, sequence, runId, runName, tenantId, projectId, userId, kept }: RunEvent): void {
    this.total++
    const before = this.#byRun.get(runId)
    if (!before && this.#byRun.size >= runs) return
    const last = { id, at, sequence, runId, runName, tenantId, projectId, ...(userId !== undefined && { userId }), kept }
    this.#byRun.set(runId, { count: (before?.count ?? 0) + 1, last })
  }

  get isEmpty(): boolean {
    return this.#byRun.size === 0
  }

  /** One event a run, in the place of the last that was dropped, that says how many there were. They are not told of again. */
  take(): RunEvent[] {
    const told = [...this.#byRun.values()].map(({ count, last }): RunEvent => {
      const message = `${count} ${count === 1 ? 'event' : 'events'} of this run dropped: there was no room to keep them`
      return { ...last, type: 'log', level: 'warn', message, fields: { dropped: count } }
    })
    this.#byRun.clear()
    return told
  }
}
