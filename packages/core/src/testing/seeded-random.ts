/** The same choices in every process that starts from the same seed. */
export interface SeededRandom {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
  /** True in that part of all cases, from 0 to 1. */
  chance(part: number): boolean
  pick<Value>(values: readonly Value[]): Value
  shuffle<Value>(values: readonly Value[]): Value[]
}

/** Mulberry32 (public domain, Tommy Ettinger): small, and good enough to choose tests by. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (part) => next() < part,
    pick: (values) => values[below(values.length)]!,
    shuffle: (values) => {
      const left = [...values]
      return values.map(() => left.splice(below(left.length), 1)[0]!)
    },
  }
}
