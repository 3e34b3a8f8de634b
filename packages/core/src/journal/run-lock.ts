import { readFileSync } from 'node:fs'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { TerminalError } from '@track-orchestrator/registry'

/** Who holds a lock: a process id alone may have been given to another process since. */
interface Holder {
  readonly pid: number
  /** Clock ticks after boot at which it started (proc(5), field 22); 0 where the system does not tell. */
  readonly started: number
  readonly host: string
}

/**
 * Takes the lock of a run, and returns what gives it back. There is one holder: the file appears under its name with its content, by a
 * hard link. Throws `journal/locked` where another process holds it that may be alive: one on another machine always may.
 */
export async function lockRun(path: string): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) ?? 0, host: hostname() }
  const text = `${JSON.stringify({ ...own, id: randomUUID() })}\n`
  const made = `${path}.${randomUUID()}`
  await writeFile(made, text, { mode: 0o600, flag: 'wx' })
  try {
    while (!(await tryLink(made, path))) await removeAbandoned(path)
  } finally {
    await unlink(made)
  }
  return async () => {
    // Only our own: after a long pause another process may have found this one dead.
    if ((await readFile(path, 'utf8').catch(() => '')) === text) await unlink(path)
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const seen = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (seen === undefined) return // given back meanwhile
  if (!isGone(seen)) throw locked(path, seen)
  // Renaming picks one of several that saw the same dead holder; what was taken by mistake is put back.
  const aside = `${path}.${randomUUID()}`
  const moved = await rename(path, aside).then(() => true, () => false)
  if (!moved) return
  if ((await readFile(aside, 'utf8')) !== seen) await tryLink(aside, path)
  await unlink(aside)
}

/** Whether the holder is known to be gone. A lock that cannot be read was written by nobody that we know: it stays. */
function isGone(text: string): boolean {
  try {
    const { pid, started, host } = JSON.parse(text) as Holder
    if (host !== hostname()) return false
    const now = startOf(pid)
    return now === undefined ? !isRunning(pid) : started !== 0 && now !== started
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When the process started; -1 where it has ended and its parent has not yet asked for its exit code; `undefined` where there is none, or no /proc. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in brackets, and may hold anything.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? -1 : Number(fields[18])
  } catch {
    return undefined
  }
}

function locked(path: string, text: string): TerminalError {
  const holder = /"pid":(\d+)/.exec(text)?.[1]
  return new TerminalError(`The run is being written by another process${holder ? ` (${holder})` : ''}: wait for its end, or end it. Its lock is ${path}.`, { code: 'journal/locked' })
}
