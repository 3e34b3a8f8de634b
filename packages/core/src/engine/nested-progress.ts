import type { TasksProgress } from '@track-orchestrator/registry'

/** Adds up how far each of `count` calls is, and tells it. What the listener throws does not disturb the calls: `throwFault` throws it when they have ended. */
export function addProgress(count: number, tell: (progress: TasksProgress) => void) {
  const fractions: number[] = Array.from({ length: count }, () => 0)
  let [sum, ended] = [0, 0]
  let fault: { readonly thrown: unknown } | undefined
  const move = (index: number, fraction: number) => {
    sum += fraction - fractions[index]!
    fractions[index] = fraction
    try {
      if (!fault) tell({ fraction: ended === count ? 1 : Math.min(1, Math.max(0, sum / count)), ended })
    } catch (thrown) {
      fault = { thrown }
    }
  }
  return {
    partOf: (index: number) => (fraction: number) => move(index, fraction),
    settled: (index: number) => {
      ended++
      move(index, 1)
    },
    throwFault: () => {
      if (fault) throw fault.thrown
    },
  }
}
