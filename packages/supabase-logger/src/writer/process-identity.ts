import { placeOfProcesses, processStart, processState } from '@track-orchestrator/registry/processes'

/** Which process, on which machine. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the kernel's own count: tells it from a later process with the same pid. Absent where that cannot be told. */
  readonly startedAt?: string
  /** Within it, pids mean the same: machine, its start, and the container's own count of processes. */
  readonly place: string
}

/** This process. Throws where the system cannot say just now, as when too many files are open: what is said then would be wrong. */
export function ownIdentity(): ProcessIdentity {
  const startedAt = processStart(process.pid)
  return { pid: process.pid, ...(typeof startedAt === 'number' && { startedAt: String(startedAt) }), place: placeOfProcesses() }
}

/**
 * Whether that process still runs. Seen from another machine or container, or where starts cannot be told, its last sign of life decides.
 * Throws where the system cannot say just now.
 * @param quietMs - milliseconds since that sign
 */
export function isAlive(other: ProcessIdentity, quietMs: number, own: ProcessIdentity = ownIdentity()): boolean {
  const isRecent = quietMs < deadAfterMs
  if (other.place !== own.place) return isRecent
  const started = other.startedAt === undefined || own.startedAt === undefined ? undefined : Number(other.startedAt)
  const state = processState(other.pid, started)
  return state === 'unknown' ? isRecent : state === 'runs'
}

/** Without a sign of life for so long, a process that cannot be looked at counts as dead. Milliseconds. */
const deadAfterMs = 120_000
