import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * When a process began, in clock ticks since the boot: it tells the process from a later one of the same number. `ended` for one whose parent has not
 * yet asked for its exit code; `undefined` where there is none, where it may not be looked at, or where the system has no /proc. Throws where the
 * system cannot say just now, as when too many files are open.
 */
export function processStart(pid: number): number | 'ended' | undefined {
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // proc_pid_stat(5): the second field is the program's name in brackets, and may hold anything; the third is the state, the 22nd the start.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  if (state === 'Z' || state === 'X') return 'ended'
  const ticks = Number(fields[18])
  return Number.isSafeInteger(ticks) ? ticks : undefined
}

/**
 * What became of a process: `gone` where nothing runs under its number, or what does began at another time; `runs` where its start shows that it is the
 * same; `unknown` where something of its number runs, and whether it is the same cannot be told. Reads /proc once. Throws as `processStart` does.
 * @param startedAt - what `processStart` said of it; `undefined` where it said nothing
 */
export function processState(pid: number, startedAt: number | undefined): 'gone' | 'runs' | 'unknown' {
  const now = processStart(pid)
  if (now === 'ended') return 'gone'
  // A process that /proc hides (hidepid) still has a number.
  if (now === undefined) return isRunning(pid) ? 'unknown' : 'gone'
  if (startedAt === undefined) return 'unknown'
  return now === startedAt ? 'runs' : 'gone'
}

/**
 * Whether a process is known to be gone. Never true where that cannot be told: what a process holds is taken over only when it is known to be gone.
 * @param startedAt - what `processStart` said of it; `undefined` where it said nothing
 */
export function isProcessGone(pid: number, startedAt: number | undefined): boolean {
  try {
    return processState(pid, startedAt) === 'gone'
  } catch {
    return !isRunning(pid)
  }
}

/**
 * The place within which a process's number means one process: the machine, its boot and, in containers, the namespace (proc_sys_kernel(5),
 * pid_namespaces(7)); where there is no /proc, the machine's name alone.
 */
export function placeOfProcesses(): string {
  const boot = orAbsent(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = orAbsent(() => readlinkSync('/proc/self/ns/pid'))
  return [hostname(), boot, namespace].join(' ')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** `undefined` where there is no such file, or it may not be read. Whatever else fails says nothing of that, and is thrown. */
function orAbsent<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES', 'EPERM'].includes(code)) return undefined
    throw error
  }
}
