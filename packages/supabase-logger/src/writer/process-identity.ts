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

/** This process. Throws where the system cannot say just now, as when too many files are open: what is said then would be wrong. */
export function ownIdentity(): ProcessIdentity {
  const startedAt = startOf(process.pid)
  const boot = orAbsent(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const pids = orAbsent(() => readlinkSync('/proc/self/ns/pid'))
  return { pid: process.pid, ...(startedAt !== undefined && { startedAt }), place: [hostname(), boot, pids].join(' ') }
}

/**
 * Whether that process still runs. Seen from another machine or container, or where starts cannot be told, its last sign of life decides.
 * Throws where the system cannot say just now.
 * @param quietMs - milliseconds since that sign
 */
export function isAlive(other: ProcessIdentity, quietMs: number, own: ProcessIdentity = ownIdentity()): boolean {
  const isRecent = quietMs < deadAfterMs
  if (other.place !== own.place) return isRecent
  if (other.startedAt !== undefined && own.startedAt !== undefined) return startOf(other.pid) === other.startedAt
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
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19]
}

/** `undefined` where there is no such file: the process is gone, or the system has no /proc. Whatever else fails says nothing of that, and is thrown. */
function orAbsent<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') return undefined
    throw error
  }
}
