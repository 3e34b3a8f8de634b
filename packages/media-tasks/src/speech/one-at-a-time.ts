import { unlessAborted } from '@track-orchestrator/registry/waiting'
import { stopError } from '../ffmpeg/stop.ts'

/** What is under way in this process, by what it belongs to and by name. */
const underWay = new WeakMap<object, Map<string, Promise<void>>>()

/**
 * Does the work when no other is under way in this process that shares one of the names. Who waited finds what the other has made, or
 * does the work where that failed. Throws the signal's reason where it aborts while waiting; the other goes on.
 */
export async function oneAtATime<Result>(owner: object, names: readonly string[], signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const works = underWay.get(owner) ?? new Map<string, Promise<void>>()
  underWay.set(owner, works)
  for (let other = othersOf(works, names); other; other = othersOf(works, names)) {
    await unlessAborted(other, signal).catch(() => {
      throw stopError(signal)
    })
  }
  let done = (): void => {}
  const ended = new Promise<void>((resolve) => (done = resolve))
  for (const name of names) works.set(name, ended)
  try {
    return await work()
  } finally {
    for (const name of names) works.delete(name)
    done()
  }
}

const othersOf = (works: ReadonlyMap<string, Promise<void>>, names: readonly string[]): Promise<void> | undefined => {
  const name = names.find((one) => works.has(one))
  return name === undefined ? undefined : works.get(name)
}
