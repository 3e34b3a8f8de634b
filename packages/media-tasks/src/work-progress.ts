import type { TaskContext } from '@track-orchestrator/registry'

/** How far an attempt is, in words and with a rate: never back, and never silent for longer than two seconds. */
export interface WorkProgress {
  /** Something of which nobody knows how long it takes, such as a service's answer: told with the seconds that it has taken. Gives a function that goes back to what was before. */
  begin(what: string): () => void
  /** `fraction` of the whole attempt; `rate` as people read it: `69 frames/s, 2.3x`. Told twice a second, and each twentieth of the way. */
  report(fraction: number, what: string, rate?: string): void
  /** For what is counted: from `from` to `to` of the attempt (default: the whole). `speak: 7 of 30 segments, 1.9/s`. */
  counter(what: string, unit: string, span?: { readonly from?: number; readonly to?: number }): (done: number, total: number) => void
  /** For bytes on their way. They leave the fraction as it is. `fetch: 12.3 MB of 45.6 MB, 8.1 MB/s`. */
  bytes(what: string): (done: number, total: number | undefined) => void
  /** Nothing more is told. */
  end(): void
}

const leastPauseMs = 500
/** As much progress is told at once. */
const leastStep = 0.05
const silenceMs = 2_000

/** Over `context.progress`. `end` must be called: a timer goes on until then. */
export function createWorkProgress({ progress }: Pick<TaskContext, 'progress'>): WorkProgress {
  const now = () => performance.now()
  const createdAt = now()
  let fraction = 0
  let told = { at: Number.NEGATIVE_INFINITY, fraction: -1 }
  let phase = { what: '', startedAt: now(), isRated: false }

  const tell = (note: string) => {
    told = { at: now(), fraction }
    progress(fraction, note)
  }
  const begin = (what: string) => {
    const before = phase
    if (phase.what !== what) phase = { what, startedAt: now(), isRated: false }
    return () => {
      phase = before
    }
  }
  const report = (at: number, what: string, rate?: string) => {
    begin(what)
    fraction = Math.max(fraction, Math.min(1, at))
    const isFar = fraction - told.fraction >= leastStep || (fraction === 1 && told.fraction < 1)
    // What is over in no time tells its rate once.
    const isFirstRate = rate !== undefined && !phase.isRated
    if (!isFar && !isFirstRate && now() - told.at < leastPauseMs) return
    phase.isRated = rate !== undefined || phase.isRated
    tell(rate === undefined ? what : `${what}: ${rate}`)
  }
  const clock = () => {
    const startedAt = now()
    return (done: number) => done / Math.max(0.001, (now() - startedAt) / 1_000)
  }
  const timer = setInterval(() => {
    const seconds = Math.round((now() - phase.startedAt) / 1_000)
    if (phase.what !== '' && now() - Math.max(told.at, createdAt) >= silenceMs) tell(`${phase.what}, ${seconds} s`)
  }, silenceMs / 4)
  timer.unref()

  return {
    begin,
    report,
    counter(what, unit, { from = 0, to = 1 } = {}) {
      const perSecond = clock()
      return (done, total) => report(from + ((to - from) * done) / Math.max(1, total), what, `${done} of ${total} ${unit}, ${rounded(perSecond(done))}/s`)
    },
    bytes(what) {
      const perSecond = clock()
      return (done, total) => report(0, what, `${bytesText(done)}${total === undefined ? '' : ` of ${bytesText(total)}`}, ${bytesText(perSecond(done))}/s`)
    },
    end: () => clearInterval(timer),
  }
}

function rounded(rate: number): string {
  return rate >= 10 ? rate.toFixed(0) : rate.toFixed(rate >= 1 ? 1 : 2)
}

function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${size.toFixed(1)} ${unit}`
}
