import { timedOutCode } from '../engine/approval.ts'
import { inputHash } from '../engine/call-key.ts'
import type { TaskCall } from '../engine/engine.ts'
import { isAtOrBelow } from '../run/places.ts'
import type { JsonDifference } from './json-difference.ts'
import type { JournalRecord } from './record.ts'

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

/** What a journal knows of one place. */
interface AtPlace {
  readonly began: JournalRecord[]
  readonly finished: JournalRecord[]
  readonly failed: JournalRecord[]
}

/** Places of an earlier definition, and what they are called now; `null`: they are let go. */
export type RenamedPlaces = Readonly<Record<string, string | null>>

/** The calls that earlier processes of a run wrote down, by their places. */
export class RecordedCalls {
  readonly #places = new Map<string, AtPlace>()

  constructor(records: readonly JournalRecord[]) {
    for (const record of records) {
      if (record.type === 'run.resumed') this.rename((record['map'] ?? {}) as RenamedPlaces)
      if (!record.type.startsWith('call.')) continue
      const place = this.#placeOf(record['path'] as string)
      if (record.type === 'call.started') place.began.push(record)
      if (record.type === 'call.succeeded') place.finished.push(record)
      if (record.type === 'call.failed') place.failed.push(record)
    }
  }

  /** Moves what is known of places, and of all below them, to where they are now. */
  rename(places: RenamedPlaces): void {
    for (const [before, after] of Object.entries(places)) {
      for (const [path, known] of [...this.#places]) {
        if (!isAtOrBelow(path, before)) continue
        this.#places.delete(path)
        if (after !== null) this.#places.set(after + path.slice(before.length), known)
      }
    }
  }

  /** Paths of what finished. */
  finishedPaths(): string[] {
    return [...this.#places].flatMap(([path, { finished }]) => (finished.length > 0 ? [path] : []))
  }

  /** Of each place that has one, its last call that succeeded, and how it began. */
  lastFinished(path: string): { readonly began: JournalRecord | undefined; readonly ended: JournalRecord } | undefined {
    const place = this.#places.get(path)
    const ended = place?.finished.at(-1)
    return ended && { ended, began: place!.began.findLast((record) => hashOf(record) === hashOf(ended)) }
  }

  /** When it was begun first; a question whose time was over begins anew. */
  beganAt(path: string, hash: string): number | undefined {
    const { began = [], failed = [] } = this.#places.get(path) ?? {}
    const over = failed.findLast((record) => hashOf(record) === hash && timesOver([record]) > 0)?.n ?? 0
    return began.find((record) => hashOf(record) === hash && record.n > over)?.at
  }

  /** How often the time of a question was over. */
  timesOver(path: string, hash: string): number {
    return timesOver((this.#places.get(path)?.failed ?? []).filter((record) => hashOf(record) === hash))
  }

  isKnown(path: string): boolean {
    return this.#places.has(path)
  }

  /** The record of the same call, where it finished; else why it is to be run. Where the input changed, `changes` are found by whoever can read inputs. */
  find(call: Pick<TaskCall, 'path' | 'contract'>, hash: string): { readonly finished: JournalRecord } | { readonly why: WhyRun; readonly earlier?: JournalRecord } {
    const place = this.#places.get(call.path)
    if (!place) return { why: { reason: 'new' } }
    const { version } = call.contract
    const same = place.finished.findLast((record) => hashOf(record) === hash)
    if (same && same['version'] === version) return { finished: same }
    if (same) return { why: { reason: 'version_changed', before: same['version'] as string | undefined, after: version } }
    const last = this.lastFinished(call.path)
    if (last) return { why: { reason: 'input_changed', changes: [] }, ...(last.began && { earlier: last.began }) }
    return { why: { reason: place.failed.length > 0 ? 'failed' : 'unfinished' } }
  }

  #placeOf(path: string): AtPlace {
    let place = this.#places.get(path)
    if (!place) this.#places.set(path, (place = { began: [], finished: [], failed: [] }))
    return place
  }
}

/** Within one journal a place and the hash of its input are enough: the walk and the tenant are the run's. */
export const keyOf = (path: string, hash: string): string => `${path}#${hash}`
export const hashOfCall = ({ input }: Pick<TaskCall, 'input'>): string => inputHash(input)

/** How many of the records say that the time of a question was over, and that its step failed. */
export const timesOver = (records: readonly JournalRecord[]): number => records.filter(({ type, error }) => type === 'call.failed' && (error as { code?: string }).code === timedOutCode).length

function hashOf(record: JournalRecord): string {
  const key = record['key'] as string
  return key.slice(key.lastIndexOf('#') + 1)
}
