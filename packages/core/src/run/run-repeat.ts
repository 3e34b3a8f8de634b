import { copyJson, errorAt, TerminalError, withoutBaseFields } from '@track-orchestrator/registry'
import type { RepeatDefinition } from '../definition/definition.ts'
import { cancelled } from '../engine/stopping.ts'
import { inputOfTrack, refuseBeyondLast } from './apply-fork.ts'
import { callMapper, callQuestion } from './call-mapper.ts'
import type { CompiledStep } from './compile-track.ts'
import { deepFreeze } from './deep-freeze.ts'
import { nameOf, placeOf } from './step-end.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/**
 * Walks the step's track time after time, each at a path of its own (`refine[3]`), until `until` says that it is enough. Gives what the last time
 * handed on. Throws the error of a time that fails, with its number as the item of its place, and `repeat/not_reached` after `maxTimes`.
 */
export async function runRepeat(walk: Walk, state: TrackState, step: CompiledStep, { until, next, maxTimes }: RepeatDefinition, first: unknown): Promise<unknown> {
  const path = `${state.path}/${step.segment}`
  const owner = nameOf(state, step)
  let input = first
  for (let times = 1; ; times++) {
    const item = times - 1
    const own = `${path}[${item}]`
    walk.deadline?.look()
    if (walk.signal.aborted) throw cancelled(step.taskName, walk.signal)
    try {
      const output = deepFreeze(await walk.walkTrack(walk, step.track!, inputOfTrack(walk, own, input), own, { tellsOutput: true }))
      tellProgress(walk, state, step, times, maxTimes)
      const asked = (what: string) => ({ what, owner, place: placeOf(state, step) })
      if (callQuestion(asked('repeat.until'), () => until(output, times))) {
        refuseBeyondLast(walk, path, times, 'time')
        return output
      }
      if (times === maxTimes) throw notReached(owner, times)
      if (next) input = copyJson(step.taskName, 'input', withoutBaseFields(callMapper(asked('repeat.next'), () => next(output, times))))
    } catch (thrown) {
      throw errorAt(thrown, { item })
    }
  }
}

function notReached(owner: string, times: number): TerminalError {
  const done = times === 1 ? 'ran once' : `ran ${times} times`
  return new TerminalError(`${owner} ${done}, as often as its maxTimes allows, and until never said that it was enough. Raise maxTimes and resume the run: what finished is reused. Or let until say yes, or onError say how to go on.`, { code: 'repeat/not_reached' })
}

function tellProgress({ events }: Walk, state: TrackState, step: CompiledStep, times: number, maxTimes: number): void {
  if (!events?.progress) return
  const place = { track: state.track, path: `${state.path}/${step.segment}`, step: step.id, taskName: step.taskName, nested: false }
  events.emit({ type: 'step.progress', fraction: times / maxTimes, note: `${times} of at most ${maxTimes}`, ...place }, state.kept)
}
