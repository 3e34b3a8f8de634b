import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process, on which machine. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the kernel's own count: tells it from a later process with the same pid. Absent where that cannot be told. */
  readonly startedAt?: string
  /** Within it, pids mean the same: machine, its start, and the container's own count of processes. */
  readonly place: string
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const startedAt = startOf(process.pid)
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const pids = attempt(() => readlinkSync('/proc/self/ns/pid'))
  return { pid: process.pid, ...(startedAt !== undefined && { startedAt }), place: [hostname(), boot, pids].join(' ') }
}

/**
 * Whether that process still runs. Seen from another machine or container, or where starts cannot be told, its last sign of life decides.
 * @param quietMs - milliseconds since that sign
 */
export function isAlive(other: ProcessIdentity, quietMs: number, own: ProcessIdentity = ownIdentity()): boolean {
  const isRecent = quietMs < deadAfterMs
  if (other.place !== own.place) return isRecent
  const startedAt = startOf(other.pid)
  if (other.startedAt !== undefined && own.startedAt !== undefined) return startedAt === other.startedAt
  return isRecent && isRunning(other.pid)
}

/** Without a sign of life for so long, a process that cannot be looked at counts as dead. Milliseconds. */
const deadAfterMs = 120_000

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the second one is a name in brackets that may hold anything. A zombie is no process any more. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19]
}

function attempt<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
