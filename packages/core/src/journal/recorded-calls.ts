import { timedOutCode } from '../engine/approval.ts'
import { inputHash } from '../engine/call-key.ts'
import type { TaskCall } from '../engine/engine.ts'
import { depthOf, isAtOrBelow, withoutItems } from '../run/places.ts'
import type { JsonDifference } from './json-difference.ts'
import type { JournalRecord, RecordedFacts, RecordHead } from './record.ts'

/** Why a call is run, though the run may have been begun before. */
export type WhyRun =
  /** Nothing at this place was ever begun. */
  | { readonly reason: 'new' }
  /** It was begun, and its process ended before it did. */
  | { readonly reason: 'unfinished' }
  | { readonly reason: 'failed' }
  /** It finished, with another input: where they differ. */
  | { readonly reason: 'input_changed'; readonly changes: readonly JsonDifference[] }
  | { readonly reason: 'version_changed'; readonly before: string | undefined; readonly after: string | undefined }
  /** It finished, but its output is gone, or was changed. */
  | { readonly reason: 'output_missing' }
  | { readonly reason: 'forced' }

/** Places of an earlier definition, and what they are called now; `null`: they are let go. */
export type RenamedPlaces = Readonly<Record<string, string | null>>

/** The calls that earlier processes of a run wrote down, by their places. */
export class RecordedCalls {
  /** Of each place what was written of it, in order. */
  readonly #places = new Map<string, RecordHead[]>()

  constructor(records: readonly RecordHead[]) {
    for (const record of records) {
      if (record.type === 'run.resumed') this.rename((record.whole()['map'] ?? {}) as RenamedPlaces)
      const path = pathOf(record)
      if (path === undefined) continue
      const known = this.#places.get(path)
      // Most places have two: a list that grows keeps room for many.
      if (known?.length === 1) this.#places.set(path, [known[0]!, record])
      else if (known) known.push(record)
      else this.#places.set(path, [record])
    }
  }

  /** Moves what is known of places, and of all below them, to where they are now. */
  rename(places: RenamedPlaces): void {
    for (const [before, after] of Object.entries(places)) {
      for (const [path, known] of [...this.#places]) {
        if (!isAtOrBelow(path, before)) continue
        this.#places.delete(path)
        if (after !== null) this.#places.set(movedPath(path, before, after), known)
      }
    }
  }

  /** Paths of places of which something finished: those of items without their numbers. */
  finishedPlaces(): Set<string> {
    const found = new Set<string>()
    let last = ''
    this.#places.forEach((records, path) => {
      if (isItemOf(path, last) || !records.some(isFinished)) return
      last = withoutItems(path)
      found.add(last)
    })
    return found
  }

  /** Whether something failed in it last: what a run that succeeded did without. What was cancelled was not to be done. */
  hasFailures(): boolean {
    for (const records of this.#places.values()) {
      const last = records.at(-1)!
      if (last.type === 'call.failed' && (last.whole()['error'] as { code?: string }).code !== 'cancelled') return true
    }
    return false
  }

  /** Of each place that has one, its last call that succeeded, and how it began. */
  lastFinished(path: string): { readonly began: JournalRecord | undefined; readonly ended: JournalRecord } | undefined {
    const records = this.#places.get(path) ?? []
    const ended = records.findLast(isFinished)
    return ended && { ended: ended.whole(), began: records.findLast((record) => record.type === 'call.started' && hashOf(record) === hashOf(ended))?.whole() }
  }

  /** When it was begun first; a question whose time was over begins anew. */
  beganAt(path: string, hash: string): number | undefined {
    const same = (this.#places.get(path) ?? []).filter((record) => hasHash(record, hash))
    const over = same.findLast((record) => record.type === 'call.failed' && timesOver([record.whole()]) > 0)?.n ?? 0
    return same.find((record) => record.type === 'call.started' && record.n > over)?.at
  }

  /** How often the time of a question was over. */
  timesOver(path: string, hash: string): number {
    const failed = (this.#places.get(path) ?? []).filter((record) => record.type === 'call.failed' && hasHash(record, hash))
    return timesOver(failed.map((record) => record.whole()))
  }

  isKnown(path: string): boolean {
    return this.#places.has(path)
  }

  /** The record of the same call, where it finished; else why it is to be run. Where the input changed, `changes` are found by whoever can read inputs. */
  find(call: Pick<TaskCall, 'path' | 'contract'>, hash: string): { readonly finished: RecordedFacts } | { readonly why: WhyRun; readonly earlier?: JournalRecord } {
    const { path } = call // put together each time
    const records = this.#places.get(path)
    if (!records) return { why: { reason: 'new' } }
    const { version } = call.contract
    const same = records.findLast((record) => isFinished(record) && hasHash(record, hash))?.rest()
    if (same && same['version'] === version) return { finished: same }
    if (same) return { why: { reason: 'version_changed', before: same['version'] as string | undefined, after: version } }
    const last = this.lastFinished(path)
    if (last) return { why: { reason: 'input_changed', changes: [] }, ...(last.began && { earlier: last.began }) }
    return { why: { reason: records.some(({ type }) => type === 'call.failed') ? 'failed' : 'unfinished' } }
  }
}

/** Where a path at or below one place lies below another. The numbers of items on the way stay. */
function movedPath(path: string, before: string, after: string): string {
  const parts = path.split('/')
  const depth = depthOf(before)
  const moved = after.split('/').map((part, index, { length }) => part + (/\[\d+\]$/.exec(parts[depth - length + index] ?? '')?.[0] ?? ''))
  return [...moved, ...parts.slice(depth)].join('/')
}

const itemNumber = /\[\d+\]$/y

/** Whether the path is that of an item of the step, as those of its neighbours in a journal are. */
function isItemOf(path: string, step: string): boolean {
  itemNumber.lastIndex = step.length
  return step !== '' && path.startsWith(step) && itemNumber.test(path)
}

const isFinished = ({ type }: RecordHead): boolean => type === 'call.succeeded'

/** Within one journal a place and the hash of its input are enough: the walk and the tenant are the run's. */
export const keyOf = (path: string, hash: string): string => `${path}#${hash}`
export const hashOfCall = ({ input }: Pick<TaskCall, 'input'>): string => inputHash(input)

/** How many of the records say that the time of a question was over, and that its step failed. */
export const timesOver = (records: readonly JournalRecord[]): number => records.filter(({ type, error }) => type === 'call.failed' && (error as { code?: string }).code === timedOutCode).length

/** The path of a call's record; nothing of any other record. */
export function pathOf({ type, key }: RecordHead): string | undefined {
  return key !== undefined && type.startsWith('call.') ? key.slice(0, key.lastIndexOf('#')) : undefined
}

function hashOf({ key }: RecordHead): string {
  return key!.slice(key!.lastIndexOf('#') + 1)
}

/** As `hashOf(record) === hash`, without a text made for it. */
const hasHash = ({ key }: RecordHead, hash: string): boolean => key!.endsWith(hash) && key![key!.length - hash.length - 1] === '#'
