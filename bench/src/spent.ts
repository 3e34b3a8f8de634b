import { readFile } from 'node:fs/promises'

/** What work takes of the machine: this process, and all that it started and waited for. */
export interface Spent {
  /** User and system. */
  readonly cpuSeconds: number
  /** As programs read and wrote it, from disks, pipes and the system's memory of files alike (proc(5), rchar and wchar). */
  readonly readBytes: number
  readonly writtenBytes: number
}

/** Clock ticks a second of /proc, whatever the kernel's own (proc(5), sysconf(3) _SC_CLK_TCK: 100 on all architectures Node runs on). */
const ticksPerSecond = 100

/** Runs the work, and tells what was spent on it. Linux only. */
export async function spent(work: () => Promise<unknown>): Promise<Spent> {
  const before = await soFar()
  await work()
  const after = await soFar()
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    readBytes: after.readBytes - before.readBytes,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  }
}

async function soFar(): Promise<Spent> {
  const [stat, io] = await Promise.all([readFile('/proc/self/stat', 'utf8'), readFile('/proc/self/io', 'utf8')])
  // Fields 14 to 17: utime, stime, cutime, cstime. Those behind the program's name in brackets begin with the third.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  const bytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1])
  return { cpuSeconds: ticks / ticksPerSecond, readBytes: bytes('rchar'), writtenBytes: bytes('wchar') }
}
