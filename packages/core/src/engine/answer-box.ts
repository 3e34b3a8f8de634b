/** How a question ended: it was answered, or its time was over. The first of the two holds. */
export type Verdict = { readonly answer: unknown } | { readonly timedOut: true }

/** Where the verdict on one question is put, by whoever comes first, and found by who asked. */
export interface AnswerBox {
  /** Answers false where there is a verdict already: then that one holds. */
  put(verdict: Verdict): Promise<boolean>
  take(): Promise<Verdict | undefined>
  /** Takes away a verdict that is of no use, so that there may be another. */
  empty(): Promise<void>
  /** Calls `tell` soon after a verdict was put. Returns what ends that. */
  watch(tell: () => void): () => void
}

/** A box in this process. */
export function memoryBox(): AnswerBox {
  let kept: Verdict | undefined
  let told = () => {}
  return {
    put: async (verdict) => {
      if (kept) return false
      kept = verdict
      told()
      return true
    },
    take: async () => kept,
    empty: async () => void (kept = undefined),
    watch: (tell) => {
      told = tell
      return () => (told = () => {})
    },
  }
}
