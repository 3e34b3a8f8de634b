import { gunzipSync, gzipSync } from 'node:zlib'
import type { Item, Result } from './start-items.ts'

/** All items of a fan-out, as text: every lane is told of all, for which it takes is found out on the way. Items are much alike, so it is short. */
export function packPlan(items: readonly Item[]): string {
  return gzipSync(JSON.stringify(items)).toString('base64')
}

export function openPlan(text: string): readonly Item[] {
  const items = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString('utf8')) as readonly (Omit<Item, 'since'> & { readonly since?: string })[]
  return items.map(({ since, ...item }) => ({ ...item, ...(since !== undefined && { since: new Date(since) }) }))
}

/** What a lane answers: how the items ended that it has waited for. */
export interface LaneAnswer {
  readonly told: readonly ToldResult[]
  /** Of these there was no room for more. */
  readonly left: readonly { readonly index: number; readonly id: string; readonly ok: boolean }[]
}

type ToldResult = { readonly index: number; readonly id: string } & ({ readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly thrown: Thrown } | { readonly ok: false; readonly raw: unknown })

interface Thrown {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
}

/** JSON of more is left out: Trigger.dev's SDK puts bigger outputs elsewhere. */
const mostBytes = 65_536

/** The answer of a lane, from what it has waited for. */
export function answerOfLane(ended: readonly { readonly index: number; readonly result: Result }[]): LaneAnswer {
  const told: ToldResult[] = []
  const left: LaneAnswer['left'][number][] = []
  let room = mostBytes
  for (const { index, result } of ended) {
    const one = toldResult(index, result)
    const sizeBytes = Buffer.byteLength(JSON.stringify(one))
    // What has no id has no run of which it could be asked.
    if (sizeBytes > room && result.id !== '') left.push({ index, id: result.id, ok: result.ok })
    else {
      told.push(one)
      room -= sizeBytes
    }
  }
  return { told, left }
}

function toldResult(index: number, result: Result): ToldResult {
  if (result.ok) return { index, ...result }
  const { ok, id, error } = result
  if (!(error instanceof Error)) return { index, ok, id, raw: error }
  const { name, message, stack } = error
  return { index, ok, id, thrown: { name, message, stack } }
}

/** A result that a lane told, as who waits for the item itself is given it. */
export function resultOf(told: ToldResult): Result {
  const { id } = told
  if (told.ok) return { ok: true, id, output: told.output }
  return { ok: false, id, error: 'thrown' in told ? errorOf(told.thrown) : told.raw }
}

/** An error as Trigger.dev's SDK makes it. */
export function errorOf({ name, message, stack }: Thrown): Error {
  return Object.assign(new Error(message), { name, stack })
}
