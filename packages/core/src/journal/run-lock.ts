import { link, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { isProcessGone, processStart } from '@track-orchestrator/registry/processes'

/** Who holds a lock: a process id alone may have been given to another process since. */
interface Holder {
  readonly pid: number
  /** What `processStart` said of it; 0 where the system does not tell. */
  readonly started: number
  readonly host: string
}

/** A lock that this process holds. */
export interface RunLock {
  /** Of this holding, and of no other. */
  readonly id: string
  readonly release: () => Promise<void>
}

const prefix = 'lock.'

/** Tries before a lock counts as held: of several that announce themselves at once, one must come to see itself alone. */
const tries = 6

/**
 * Takes the lock of a run's folder. Who wants it announces itself by a file of its own, `lock.<id>`, and holds it once it sees no other
 * that may be alive. No name is ever used twice, so that removing the file of a dead process cannot hit that of a living one. Throws
 * `journal/locked` where another process holds it that may be alive: one on another machine always may; and `journal/unknown_run` where the
 * folder is gone, for then the run was deleted a moment ago.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const started = processStart(process.pid)
  const holder: Holder = { pid: process.pid, started: typeof started === 'number' ? started : 0, host: hostname() }
  const id = randomUUID()
  const own = prefix + id
  try {
    await writeFile(join(folder, `.${id}`), `${JSON.stringify(holder)}\n`, { mode: 0o600, flag: 'wx' })
    for (let attempt = 1; ; attempt++) {
      await link(join(folder, `.${id}`), join(folder, own)) // appears with its content
      const other = await livingOther(folder, own)
      if (other === undefined) return { id, release: () => unlink(join(folder, own)) }
      await unlink(join(folder, own))
      if (attempt === tries) throw locked(folder, other)
      await delay(Math.random() * 20 * attempt)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new TerminalError(`The run in ${folder} is gone: it was deleted meanwhile.`, { code: 'journal/unknown_run' })
  } finally {
    await rm(join(folder, `.${id}`), { force: true })
  }
}

/** What another's lock says, unless it is known to be gone: then its lock is removed, and what it had made to announce itself. */
async function livingOther(folder: string, own: string): Promise<string | undefined> {
  let other: string | undefined
  for (const name of await readdir(folder)) {
    const isAnnounced = name.startsWith(prefix)
    if ((!isAnnounced && !name.startsWith('.')) || name === own) continue
    const path = join(folder, name)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined
      throw error
    })
    if (text === undefined) continue // given back meanwhile, or a folder, which none of ours is
    if (isGone(text)) await rm(path, { force: true })
    else if (isAnnounced) other = text
  }
  return other
}

/** The ids of locks whose holders may be alive. Changes nothing. */
export async function holdersOf(folder: string): Promise<string[]> {
  const holders: string[] = []
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined && !isGone(text)) holders.push(name.slice(prefix.length))
  }
  return holders
}

/** Whether the holder is known to be gone. A lock that cannot be read was written by nobody that we know: it stays. */
function isGone(text: string): boolean {
  try {
    const { pid, started, host } = JSON.parse(text) as Holder
    return host === hostname() && isProcessGone(pid, started === 0 ? undefined : started)
  } catch {
    return false
  }
}

function locked(folder: string, text: string): TerminalError {
  const holder = /"pid":(\d+)/.exec(text)?.[1]
  return new TerminalError(`The run in ${folder} is being written by another process${holder ? ` (${holder})` : ''}: wait for its end, or end it.`, { code: 'journal/locked' })
}
