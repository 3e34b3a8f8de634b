import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { codeOf } from './error-code.ts'

/** This machine, and when this process began: neither changes. */
let own: Promise<string> | undefined

/** `<machine>-<process>-<start>`: in a file's name it tells, also later and to other processes, whose that is. */
export function processTag(): Promise<string> {
  return (own ??= Promise.all([machineId(), startOf(process.pid)]).then(([machine, start]) => `${machine}-${process.pid}-${start ?? 0}`))
}

/**
 * Whether the process of the tag was one of this machine and is gone. One that lives is not, nor one of another machine or container
 * that shares the folder, nor where it cannot be told.
 */
export async function isOfGoneProcess(tag: string): Promise<boolean> {
  const [, machine, pid, start] = /^([\da-f]{12})-(\d{1,10})-(\d{1,16})$/.exec(tag) ?? []
  return machine !== undefined && machine === (await machineId()) && isGone(Number(pid), Number(start))
}

/**
 * What tells apart places whose process numbers mean different processes: this boot of the machine and, in containers, the namespace
 * (Linux: proc_sys_kernel(5), pid_namespaces(7)); elsewhere the machine's name.
 */
async function machineId(): Promise<string> {
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return createHash('sha256').update([boot, namespace, hostname()].join('\n')).digest('hex').slice(0, 12)
}

async function isGone(pid: number, start: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
  // A process has the number: the same one, if it began at the same time. Where that is not known, it is taken to be the same.
  const found = await startOf(pid)
  return found !== undefined && start !== 0 && found !== start
}

/** When a process began, in clock ticks since the boot: the 22nd field (proc_pid_stat(5)); the second, a name, may hold anything. Nothing but on Linux. */
async function startOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const ticks = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isInteger(ticks) ? ticks : undefined
}
