import { mergeRetry, TimedOutError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { retryDelayMs, wait } from '@track-orchestrator/registry/waiting'
import type { TrackDefinition } from '../definition/definition.ts'
import { Deadline } from '../engine/deadline.ts'
import { rememberOutcomes } from '../engine/remember-outcomes.ts'
import { cancelled } from '../engine/stopping.ts'
import type { Walk } from './walk.ts'

/** Where a track stands in a run. */
interface TrackSite {
  readonly path: string
  readonly kept: boolean
}

/** What runs elsewhere, by another clock, may find a little before us that its time is over. */
const skewMs = 1_000

/** Walks a track that has a `timeoutMs` or a `retry`: within its time, and again where it fails and trying again may help. */
export async function walkInTime(walk: Walk, { name, timeoutMs, retry }: TrackDefinition, { path, kept }: TrackSite, walkOnce: (walk: Walk) => Promise<unknown>): Promise<unknown> {
  const { pause = wait, random = Math.random, clock } = walk.engine.time ?? {}
  const now = Date.now()
  const beganAt = walk.beganAt?.path === path ? walk.beganAt.at : now
  const deadline = timeoutMs === undefined ? undefined : new Deadline(beganAt + timeoutMs, walk.signal, clock, now)
  // What runs in another process, or holds a wait, is told the earlier one.
  const isEarlier = deadline && !(walk.deadline && walk.deadline.at < deadline.at)
  const inner: Walk = { ...walk, ...(deadline && { signal: deadline.signal }), ...(isEarlier && { deadline }), ...(retry && { engine: rememberOutcomes(walk.engine) }) }
  const stopped = (): TracksError | undefined => {
    if (walk.signal.aborted) return cancelled(name, walk.signal)
    return deadline?.look() ? timedOut(name, timeoutMs!) : undefined
  }
  try {
    for (let round = 1; ; round++) {
      try {
        return await walkOnce(round === 1 ? inner : { ...inner, round: { mark: `${walk.round?.mark ?? ''}~${round}`, beganAt: Date.now() } })
      } catch (thrown) {
        const error = toTracksError(thrown)
        const over = stopped() ?? (deadline && Date.now() + skewMs >= deadline.at && error.code === 'cancelled' ? timedOut(name, timeoutMs!) : undefined)
        if (over) throw over.code === 'cancelled' ? error : over
        const delayMs = retry && retryDelayMs(error, mergeRetry(retry), round, random)
        if (delayMs === undefined) throw error
        walk.events?.emit({ type: 'log', level: 'warn', track: name, path, message: `${name} failed, and is walked again in ${delayMs} ms (${round + 1} of ${mergeRetry(retry).maxAttempts}): ${error.message}` }, kept)
        await pause(delayMs, inner.signal)
        const ended = stopped()
        if (ended) throw ended
      }
    }
  } finally {
    deadline?.close()
  }
}

function timedOut(name: string, timeoutMs: number): TracksError {
  return new TimedOutError(`${name} did not end within ${timeoutMs} ms (timeoutMs of the track, with all its waits).`, { place: { track: name } })
}
