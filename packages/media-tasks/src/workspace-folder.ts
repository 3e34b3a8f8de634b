import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** `track-orchestrator-<machine>-<process>-<start>-<random>`. */
const pattern = /^track-orchestrator-([\da-f]{12})-(\d+)-(\d+)-\w{6}$/

/** Folders for temporary files that have been tidied by this process. */
const tidied = new Map<string, Promise<void>>()

/** This machine, and when this process began: neither changes. */
let own: Promise<readonly [machine: string, start: number | undefined]> | undefined

/** Makes a folder of this process's own, readable to nobody else. The first one in a place also removes what processes left there that were killed. */
export async function makeWorkspaceFolder(temporaryFolder: string): Promise<string> {
  await mkdir(temporaryFolder, { recursive: true })
  let tidying = tidied.get(temporaryFolder)
  if (!tidying) tidied.set(temporaryFolder, (tidying = removeStaleFolders(temporaryFolder)))
  await tidying
  const [machine, start] = await (own ??= Promise.all([machineId(), startOf(process.pid)]))
  return mkdtemp(join(temporaryFolder, `track-orchestrator-${machine}-${process.pid}-${start ?? 0}-`)) // 0700, as mkdtemp(3) makes them
}

/**
 * Removes the workspaces of processes of this machine that are gone. One that lives, one of another machine or container that shares the
 * folder, and one that belongs to another user, are left alone. What cannot be read or removed is left as well.
 */
export async function removeStaleFolders(temporaryFolder: string): Promise<void> {
  const machine = await machineId()
  for (const name of await readdir(temporaryFolder).catch(() => [])) {
    const [, owner, pid, start] = pattern.exec(name) ?? []
    if (owner !== machine || !(await isGone(Number(pid), Number(start)))) continue
    const path = join(temporaryFolder, name)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isDirectory() || (process.getuid && found.uid !== process.getuid())) continue
    await rm(path, { recursive: true, force: true }).catch(() => {})
  }
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
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
  // Somebody has the number: the same one, if it began at the same time. Where that is not known, it is taken to be the same.
  const found = await startOf(pid)
  return found !== undefined && start !== 0 && found !== start
}

/** When a process began, in clock ticks since the boot: the 22nd field (proc_pid_stat(5)); the second, a name, may hold anything. Nothing but on Linux. */
async function startOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const ticks = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isInteger(ticks) ? ticks : undefined
}
