import type { ErrorJson } from '@track-orchestrator/registry'
import { isUnanswered, timedOutCode } from '../engine/approval.ts'
import { inputHash } from '../engine/call-key.ts'
import type { TaskCall, TaskOutcome } from '../engine/engine.ts'
import { depthOf, isAtOrBelow, withoutItems } from '../run/places.ts'
import { failedPlaces } from './failed-places.ts'
import type { JsonDifference } from './json-difference.ts'
import { CallsByPath } from './calls-by-path.ts'
import { hasHash, pathOf, type JournalRecord, type RecordedFacts, type RecordHead } from './record.ts'
import { failed, finished, type RecordHeads } from './record-heads.ts'

/** Why a call is run, though the run may have been begun before. */
export type WhyRun =
  /** Nothing at this place was ever begun. */
  | { readonly reason: 'new' }
  /** It was begun, and its process ended before it did. */
  | { readonly reason: 'unfinished' }
  | { readonly reason: 'failed' }
  /** It finished, with another input: where they differ. */
  | { readonly reason: 'input_changed'; readonly changes: readonly JsonDifference[] }
  /** It finished as another task: the step keeps its id, and does something else now. */
  | { readonly reason: 'task_changed'; readonly before: string; readonly after: string }
  | { readonly reason: 'version_changed'; readonly before: string | undefined; readonly after: string | undefined }
  /** It finished, but its output is gone, or was changed. */
  | { readonly reason: 'output_missing' }
  | { readonly reason: 'forced' }

/** Places of an earlier definition, and what they are called now; `null`: they are let go. */
export type RenamedPlaces = Readonly<Record<string, string | null>>

/** The calls that earlier processes of a run wrote down, by their places. */
export class RecordedCalls {
  readonly #heads: RecordHeads
  #byPath: CallsByPath | undefined
  /** Of each place what was written of it, in order, where places are called something else now. */
  #renamed: Map<string, RecordHead[]> | undefined

  constructor(heads: RecordHeads) {
    this.#heads = heads
    if (heads.ofRun.some((record) => renamedIn(record))) this.#renamed = placesIn(heads)
  }

  /** Moves what is known of places, and of all below them, to where they are now. */
  rename(places: RenamedPlaces): void {
    if (Object.keys(places).length === 0) return
    renameIn((this.#renamed ??= placesIn(this.#heads)), places)
  }

  /** Paths of places of which something finished: those of items without their numbers. */
  finishedPlaces(): Set<string> {
    if (this.#renamed) return new Set([...this.#renamed].flatMap(([path, records]) => (records.some(isFinished) ? [withoutItems(path)] : [])))
    const found = new Set<string>()
    let last = ''
    for (let index = 0; index < this.#heads.length; index++) {
      if (this.#heads.kindAt(index) !== finished || (last !== '' && this.#heads.isItemOf(index, last))) continue
      last = withoutItems(pathOf(this.#heads.at(index)!)!)
      found.add(last)
    }
    return found
  }

  /** Whether something failed in it last, but for what is let be: what a run that succeeded did without. What was cancelled was not to be done. */
  hasFailures(isLetBe: (path: string) => boolean): boolean {
    if (failedPlaces(this.#heads).some((path) => !isLetBe(path))) return true
    if (this.#renamed) return [...this.#renamed].some(([path, records]) => hasFailed(records.at(-1)!) && !isLetBe(path))
    for (let index = 0; index < this.#heads.length; index++) {
      if (this.#heads.kindAt(index) !== failed) continue
      const head = this.#heads.at(index)!
      const path = pathOf(head)!
      if (this.#calls.last(path) === index && hasFailed(head) && !isLetBe(path)) return true
    }
    return false
  }

  /** Of each place that has one, its last call that succeeded, and how it began. */
  lastFinished(path: string): { readonly began: JournalRecord | undefined; readonly ended: JournalRecord } | undefined {
    const records = this.#recordsAt(path)
    const ended = records.findLast(isFinished)
    return ended && { ended: ended.whole(), began: records.findLast((record) => record.type === 'call.started' && hashOf(record) === hashOf(ended))?.whole() }
  }

  /** When it was begun first; a question whose time was over begins anew. */
  beganAt(path: string, hash: string): number | undefined {
    const same = this.#recordsAt(path).filter((record) => hasHash(record, hash))
    const over = same.findLast((record) => record.type !== 'call.started' && timesOver([record.whole()]) > 0)?.n ?? 0
    return same.find((record) => record.type === 'call.started' && record.n > over)?.at
  }

  /** How often the time of a question was over. */
  timesOver(path: string, hash: string): number {
    const ends = this.#recordsAt(path).filter((record) => record.type !== 'call.started' && hasHash(record, hash))
    return timesOver(ends.map((record) => record.whole()))
  }

  /** The record of the same call, where it finished; else why it is to be run. Where the input changed, `changes` are found by whoever can read inputs. */
  find(call: Pick<TaskCall, 'path' | 'contract'>, hash: string): { readonly finished: RecordedFacts } | { readonly why: WhyRun; readonly earlier?: JournalRecord } {
    const { path } = call // put together each time
    const { version, name } = call.contract
    const same = this.#factsOf(path, hash)
    const task = same?.['task'] as string | undefined
    if (task !== undefined && task !== name) return { why: { reason: 'task_changed', before: task, after: name } }
    if (same && same['version'] === version) return { finished: same }
    if (same) return { why: { reason: 'version_changed', before: same['version'] as string | undefined, after: version } }
    const records = this.#recordsAt(path)
    if (records.length === 0) return { why: { reason: 'new' } }
    const last = this.lastFinished(path)
    if (last) return { why: { reason: 'input_changed', changes: [] }, ...(last.began && { earlier: last.began }) }
    // What was cancelled did not fail.
    const error = records.findLast(({ type }) => type === 'call.failed')?.whole()['error'] as ErrorJson | undefined
    return { why: { reason: error && error.code !== 'cancelled' ? 'failed' : 'unfinished' } }
  }

  /** What the record says of the call's last time that it finished. */
  #factsOf(path: string, hash: string): RecordedFacts | undefined {
    if (this.#renamed) return this.#recordsAt(path).findLast((record) => isFinished(record) && hasHash(record, hash))?.rest()
    for (let index = this.#calls.last(path); index >= 0; index = this.#calls.before(index, path)) {
      if (this.#heads.kindAt(index) === finished && this.#heads.hasHash(index, hash)) return this.#heads.factsAt(index)
    }
    return undefined
  }

  /** What was written of a place, in order. */
  #recordsAt(path: string): readonly RecordHead[] {
    if (this.#renamed) return this.#renamed.get(path) ?? []
    const records: RecordHead[] = []
    for (let index = this.#calls.last(path); index >= 0; index = this.#calls.before(index, path)) records.push(this.#heads.at(index)!)
    return records.toReversed()
  }

  get #calls(): CallsByPath {
    return (this.#byPath ??= new CallsByPath(this.#heads))
  }
}

const hasFailed = (record: RecordHead): boolean => record.type === 'call.failed' && (record.whole()['error'] as { code?: string }).code !== 'cancelled'

function placesIn(heads: RecordHeads): Map<string, RecordHead[]> {
  const places = new Map<string, RecordHead[]>()
  for (const head of heads) {
    const renamed = renamedIn(head)
    if (renamed) renameIn(places, renamed)
    const path = pathOf(head)
    if (path === undefined) continue
    const known = places.get(path)
    if (known) known.push(head)
    else places.set(path, [head])
  }
  return places
}

function renameIn(known: Map<string, RecordHead[]>, places: RenamedPlaces): void {
  for (const [before, after] of Object.entries(places)) {
    for (const [path, records] of [...known]) {
      if (!isAtOrBelow(path, before)) continue
      known.delete(path)
      if (after !== null) known.set(movedPath(path, before, after), records)
    }
  }
}

const renamedIn = (head: RecordHead): RenamedPlaces | undefined => (head.type === 'run.resumed' ? (head.whole()['map'] as RenamedPlaces | undefined) : undefined)

/** Where a path at or below one place lies below another. The numbers of items on the way stay. */
function movedPath(path: string, before: string, after: string): string {
  const parts = path.split('/')
  const depth = depthOf(before)
  const moved = after.split('/').map((part, index, { length }) => part + (/\[\d+\]$/.exec(parts[depth - length + index] ?? '')?.[0] ?? ''))
  return [...moved, ...parts.slice(depth)].join('/')
}

const isFinished = ({ type }: RecordHead): boolean => type === 'call.succeeded'

/** Within one journal a place and the hash of its input are enough: the walk and the tenant are the run's. */
export const keyOf = (path: string, hash: string): string => `${path}#${hash}`
export const hashOfCall = ({ input }: Pick<TaskCall, 'input'>): string => inputHash(input)

/** How many of the records say that the time of a question was over. */
export const timesOver = (records: readonly JournalRecord[]): number => records.filter(isTimeOver).length

const isTimeOver = ({ type, error, metadata }: JournalRecord): boolean => (type === 'call.failed' ? (error as { code?: string }).code === timedOutCode : type === 'call.succeeded' && isUnanswered({ metadata: metadata as TaskOutcome['metadata'] }))

function hashOf({ key }: RecordHead): string {
  return key!.slice(key!.lastIndexOf('#') + 1)
}
