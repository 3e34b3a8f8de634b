import { DefinitionError, parseJsonPath, withValueAt } from '@track-orchestrator/registry'
import type { Amendment } from '../engine/forked-walk.ts'
import { findPlace, type FoundPlace } from './find-place.ts'
import { depthOf, fromTimeOn, type Place, type StepPlace } from './places.ts'

/** What a run took over from another one, and what it changed. */
export interface ForkOf {
  readonly runId: string
  /** The path of the place from which on everything was done anew; with a number, of one item. */
  readonly from?: string | undefined
  /** By JSON path: what takes the place of what stands in the input of `from`, or of the run where there is no `from`. */
  readonly set?: Readonly<Record<string, unknown>> | undefined
  /** What its calls are given otherwise than their mappers say: by what was set here, and in the runs that it was forked from. */
  readonly amendments?: readonly Amendment[] | undefined
}

/** Whether outcomes of other runs may be taken: a fork from a step does it anew, and all that comes after. */
export const takesFromOthers = (fork: ForkOf | undefined): boolean => fork?.from === undefined

/** The run that is forked. */
export interface ForkedRun {
  readonly runId: string
  readonly payload: unknown
  readonly fork?: Pick<ForkOf, 'amendments'>
}

/** What a fork is made of, checked against the definition. */
export interface ForkPlan {
  readonly fork: ForkOf
  /** The payload of the new run. */
  readonly payload: unknown
  /** The paths of what is done anew. */
  readonly anew: readonly string[]
}

/** From `from` on everything is done anew; what comes before, or stands beside, is taken over. Throws `DefinitionError` where the step, or a path in its input, is not there. */
export function planFork(parent: ForkedRun, places: readonly Place[], { from, set = {} }: Pick<ForkOf, 'from' | 'set'>): ForkPlan {
  const { runId, payload } = parent
  const inherited = (parent.fork?.amendments ?? []).map((amendment): Amendment => ({ ...amendment, isInherited: true }))
  const facts = { runId, ...(Object.keys(set).length > 0 && { set }) }
  if (from === undefined) {
    let changed = payload
    for (const [path, value] of Object.entries(set)) changed = withValueAt(changed, path, value)
    return { fork: { ...facts, ...(inherited.length > 0 && { amendments: inherited }) }, payload: changed, anew: [] }
  }
  const found = findPlace(places, from)
  const { place, path } = found
  const amendments = [...inherited, ...amendmentsOf(path, place, set)]
  return { fork: { ...facts, from: path, ...(amendments.length > 0 && { amendments }) }, payload, anew: anewFrom(found) }
}

/** The place, all that comes after it in the items and times that were said, and the times after those. */
function anewFrom({ place, inside, path }: FoundPlace): string[] {
  const parts = path.split('/')
  const around = [...inside, place].flatMap((step) => {
    const numbered = parts.slice(0, depthOf(step.path)).join('/')
    const [, whole, number] = /^(.*)\[(\d+)\]$/.exec(numbered) ?? []
    return whole === undefined ? [] : [{ step, numbered, timesAfter: step.again ? fromTimeOn(whole, Number(number) + 1) : undefined }]
  })
  const placed = (later: string) => {
    const one = around.findLast(({ step }) => later.startsWith(`${step.path}/`))
    return one ? one.numbered + later.slice(one.step.path.length) : later
  }
  return [path, ...place.later().map(placed), ...around.flatMap(({ timesAfter }) => timesAfter ?? [])]
}

function amendmentsOf(from: string, { repeats, again }: StepPlace, set: Readonly<Record<string, unknown>>): Amendment[] {
  return Object.entries(set).map(([path, value]) => {
    parseJsonPath(path)
    if (!(repeats || again) || from.endsWith(']')) return { at: from, path, value }
    const [, item, rest] = /^(\[\d+\])\.?(.*)$/.exec(path) ?? []
    if (item === undefined) throw new DefinitionError(`${from} runs ${again ? 'again and again' : 'once for each item'}: begin ${JSON.stringify(path)} with the number of the ${again ? 'time' : 'item'}, like [0].text.`)
    return { at: from + item, path: rest!, value }
  })
}
