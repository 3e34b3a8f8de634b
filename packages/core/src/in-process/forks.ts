import { DefinitionError } from '@track-orchestrator/registry'
import { parseJsonPath, withValueAt } from '../journal/json-path.ts'
import type { Amendment, ForkOf, JournaledRunDetails } from '../journal/journaled-run.ts'
import { withoutItems, type Place } from '../run/places.ts'
import type { Amend } from '../run/walk.ts'
import { isAtOrBelow } from '../journal/recorded-calls.ts'
import { findPlace } from './find-place.ts'

/** What a fork is made of, checked against the definition. */
export interface ForkPlan {
  readonly fork: ForkOf
  /** The payload of the new run. */
  readonly payload: unknown
  /** Which finished calls it takes over, by their paths. */
  readonly takesOver: (path: string) => boolean
}

/** From `from` on everything is done anew; what comes before, or stands beside, is taken over. Throws `DefinitionError` where the step, or a path in its input, is not there. */
export function planFork(parent: Pick<JournaledRunDetails, 'runId' | 'payload' | 'fork'>, places: readonly Place[], { from, set = {} }: Pick<ForkOf, 'from' | 'set'>): ForkPlan {
  const { runId, payload } = parent
  const inherited = parent.fork?.amendments ?? []
  const facts = { runId, ...(Object.keys(set).length > 0 && { set }) }
  if (from === undefined) {
    let changed = payload
    for (const [path, value] of Object.entries(set)) changed = withValueAt(changed, path, value)
    return { fork: { ...facts, ...(inherited.length > 0 && { amendments: inherited }) }, payload: changed, takesOver: () => true }
  }
  const { place, path } = findPlace(places, from)
  const later = place.later()
  const amendments = [...inherited, ...amendmentsOf(path, place, set)]
  const takesOver = (taken: string) => ![path, ...later].some((anew) => isAtOrBelow(taken, anew) || isAtOrBelow(withoutItems(taken), anew))
  return { fork: { ...facts, from: path, ...(amendments.length > 0 && { amendments }) }, payload, takesOver }
}

function amendmentsOf(from: string, { repeats }: Place, set: Readonly<Record<string, unknown>>): Amendment[] {
  return Object.entries(set).map(([path, value]) => {
    parseJsonPath(path)
    if (!repeats || from.endsWith(']')) return { at: from, path, value }
    const [, item, rest] = /^(\[\d+\])\.?(.*)$/.exec(path) ?? []
    if (item === undefined) throw new DefinitionError(`${from} runs once for each item: begin ${JSON.stringify(path)} with the item's number, like [0].text.`)
    return { at: from + item, path: rest!, value }
  })
}

/** What the calls of a fork are given in place of what their mappers make. */
export function amendOf(fork: ForkOf | undefined): Amend | undefined {
  const { amendments } = fork ?? {}
  if (!amendments) return undefined
  return (path, payload) => {
    let changed = payload
    for (const { at, path: inside, value } of amendments) if (at === path || at === withoutItems(path)) changed = withValueAt(changed, inside, value)
    return changed
  }
}
