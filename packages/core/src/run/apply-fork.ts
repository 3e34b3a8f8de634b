import { DefinitionError, withValueAt } from '@track-orchestrator/registry'
import type { ForkedWalk } from '../engine/forked-walk.ts'
import { isAt, isAtOrBelow, mayBeBelow } from './places.ts'
import type { Walk } from './walk.ts'

/** The walk that the outcome of a call is remembered under. */
export function walkIdAt({ branches = [] }: ForkedWalk, walkId: string, path: string): string {
  return (branches.find(({ anew }) => isAnew(anew, path)) ?? branches.at(-1))?.walkId ?? walkId
}

/** Whether the path is one of these places, or inside. */
export const isAnew = (anew: readonly string[], path: string): boolean => anew.some((place) => isAtOrBelow(path, place))

/** What a call is given in place of what its mapper makes. */
export function amended({ amendments = [] }: ForkedWalk, path: string, payload: unknown): unknown {
  let changed = payload
  for (const { at, path: inside, value } of amendments) if (isAt(path, at)) changed = withValueAt(changed, inside, value)
  return changed
}

/** Throws `DefinitionError` where a fork sets the input of an item, or of a time, that there is not: it would change nothing, and nobody would be told. `path`: of the step. */
export function refuseBeyondLast({ fork }: Walk, path: string, count: number, what: 'item' | 'time'): void {
  for (const { at, isInherited } of fork?.amendments ?? []) {
    const number = at.startsWith(`${path}[`) ? Number.parseInt(at.slice(path.length + 1), 10) : 0
    if (isInherited || number < count) continue
    throw new DefinitionError(`The fork sets the input of ${at}, and ${path} has ${count} ${what}${count === 1 ? '' : 's'}${count > 1 ? `, [0] to [${count - 1}]` : ''}.`)
  }
}

/** What a track is given that is a step, an item or a time of one. */
export const inputOfTrack = ({ fork }: Pick<Walk, 'fork'>, path: string, input: unknown): unknown => (fork ? amended(fork, path, input) : input)

/** As much of it as a part of the walk must be told. */
export function forkOfPart({ branches, amendments = [] }: ForkedWalk, path: string): ForkedWalk {
  return { ...(branches && { branches }), amendments: amendments.filter(({ at }) => mayBeBelow(at, path)) }
}
