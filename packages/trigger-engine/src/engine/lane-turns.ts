import { idempotencyKeys, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'
import type { LaneTicket } from '../crossing/ticket.ts'

type Lane = Pick<LaneTicket, 'number' | 'lanes' | 'fanOut'>

/** For so long a token says that it waits for somebody. By its key it says that its item is taken, for a month. */
const timeout = '10s'

/**
 * Which item a lane takes next: the first that none has taken. To take one is to make a token under its key, which Trigger.dev makes once.
 * Where two lanes take the same at the same moment, both wait for its one run; where one is taken by a lane that dies, the run that waits for
 * the lanes starts it in the end.
 */
export class LaneTurns {
  readonly #lane: Lane
  readonly #count: number
  readonly #own: string
  /** Up to here all are taken. */
  #taken: number

  /** `runId`: of the lane. `count`: of the items. */
  constructor(lane: Lane, count: number, runId: string) {
    this.#lane = lane
    this.#count = count
    this.#own = `lane:${runId}`
    this.#taken = lane.lanes - 1
  }

  /** What the lane begins with: its first item and, where it was tried before, what it had taken then. */
  async begin(attempt: number): Promise<number[]> {
    const { number } = this.#lane
    if (attempt === 1) return [number]
    const earlier: number[] = []
    for await (const token of wait.listTokens({ tags: this.#own, limit: 100 })) earlier.push(indexOf(token))
    return [number, ...earlier.toSorted((a, b) => a - b)]
  }

  /** Nothing where all are taken, or where Trigger.dev does not say. */
  async next(): Promise<number | undefined> {
    try {
      const { data } = await wait.listTokens({ tags: this.#tag, limit: this.#lane.lanes })
      this.#taken = Math.max(this.#taken, ...data.map(indexOf))
      while (++this.#taken < this.#count) if (await this.#take(this.#taken)) return this.#taken
    } catch {
      // What is left is started by the run that waits for the lanes.
    }
    return undefined
  }

  get #tag(): string {
    return `fan-out:${this.#lane.fanOut}`
  }

  async #take(index: number): Promise<boolean> {
    const idempotencyKey = await idempotencyKeys.create(`${keyMark}${this.#lane.fanOut}/item/${index}`, { scope: 'global' })
    const { isCached } = await wait.createToken({ idempotencyKey, timeout, tags: [this.#tag, this.#own, `item:${index}`] })
    return !isCached
  }
}

function indexOf({ tags }: { readonly tags: readonly string[] }): number {
  return Number(tags.find((tag) => tag.startsWith('item:'))?.slice('item:'.length) ?? -1)
}
