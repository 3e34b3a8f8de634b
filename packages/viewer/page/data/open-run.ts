import { computed, signal } from '@preact/signals'
import type { Outline } from '@track-orchestrator/core/in-process'
import { deriveOutline } from '../../src/model/derive-outline.ts'
import { emptyRun, foldEvents, isUnderWay } from '../../src/model/fold-run.ts'
import type { StepModel, StepStatus, TrackModel } from '../../src/model/run-model.ts'
import { rowsOf, type Row } from '../../src/model/rows.ts'
import { unfoldOutline } from '../../src/model/unfold-outline.ts'
import type { ViewedRunDetails, ViewedStatus } from '../../src/model/wire.ts'
import type { PageSource } from './page-source.ts'

/** Views are drawn anew no more often than this while events come in, in milliseconds. */
const drawEveryMs = 120

const mostItemsBeside = 12

/** `not reached`: the run has ended, and did not come to it. */
export type ShownStatus = StepStatus | 'interrupted' | 'reused' | 'not reached'

/** A run that is looked at, and what is looked at in it. */
export class OpenRun {
  readonly runId: string
  readonly source: PageSource
  readonly details = signal<ViewedRunDetails | undefined>(undefined)
  readonly failure = signal<{ readonly code: string; readonly message: string } | undefined>(undefined)
  readonly isConnected = signal(true)
  /** Rises when the model has changed: the model itself is changed in place. */
  readonly version = signal(0)
  readonly now = signal(Date.now())
  readonly model = emptyRun()
  readonly opened = signal<ReadonlySet<string>>(new Set())
  readonly #end: () => void
  readonly #clock: ReturnType<typeof setInterval>
  #drawing: ReturnType<typeof setTimeout> | undefined

  constructor(source: PageSource, runId: string) {
    this.source = source
    this.runId = runId
    this.#end = source.follow(runId, {
      events: ({ events }) => {
        foldEvents(this.model, events)
        this.#drawing ??= setTimeout(() => {
          this.#drawing = undefined
          this.version.value++
        }, this.version.peek() === 0 ? 0 : drawEveryMs)
      },
      run: (details) => (this.details.value = details),
      failed: (failure) => (this.failure.value = failure),
      connected: (isConnected) => (this.isConnected.value = isConnected),
    })
    // A run that is not there is no stream: the request itself says why.
    void source.run(runId).then((details) => (this.details.value ??= details), (failure: { code: string; message: string }) => (this.failure.value = failure))
    this.#clock = setInterval(() => {
      if (this.details.peek()?.status === 'running') this.now.value = Date.now()
    }, 1_000)
  }

  readonly outline = computed<Outline | undefined>(() => {
    const { details } = this
    void this.version.value
    if (!details.value) return undefined
    return details.value.outline ? unfoldOutline(details.value.outline, this.model) : deriveOutline(this.model, details.value.name)
  })

  /** The same for a picture: more items than have room beside each other are one box. */
  readonly pictured = computed<Outline | undefined>(() => {
    void this.version.value
    const outline = this.details.value?.outline
    return outline ? unfoldOutline(outline, this.model, mostItemsBeside) : this.outline.value
  })

  /** The lines of the timeline. Tracks are open, steps with items are closed, unless somebody turned them. */
  readonly rows = computed<readonly Row[]>(() => {
    void this.version.value
    const turned = this.opened.value
    return this.outline.value ? rowsOf(this.outline.value, this.model, (path, kind) => turned.has(path) !== (kind === 'track')) : []
  })

  turn(path: string): void {
    const turned = new Set(this.opened.peek())
    if (!turned.delete(path)) turned.add(path)
    this.opened.value = turned
  }

  get status(): ViewedStatus {
    return this.details.value?.status ?? this.model.status
  }

  /** What is under way in a run that no process runs was interrupted; what a track did not come to that has ended, is not to be waited for. */
  statusOf(part: StepModel | TrackModel | undefined, path: string): ShownStatus {
    if (!part) return this.status === 'running' && !this.#isBehind(path) ? 'waiting' : 'not reached'
    if (isUnderWay(part.status) && this.status !== 'running') return 'interrupted'
    if ('reused' in part && part.reused && part.status === 'succeeded') return 'reused'
    return part.status
  }

  /** How many of a step's items have succeeded, be they calls or tracks. */
  itemsDone({ path, children, itemCount = 0 }: StepModel): number {
    const calls = children.filter(({ status }) => status === 'succeeded').length
    if (calls > 0) return calls
    let done = 0
    for (let item = 0; item < itemCount; item++) if (this.model.tracks.get(`${path}[${item}]`)?.status === 'succeeded') done++
    return done
  }

  /** Whether a track that the path lies in has ended. */
  #isBehind(path: string): boolean {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const track = this.model.tracks.get(path.slice(0, end))
      if (track && !isUnderWay(track.status)) return true
    }
    return false
  }

  /** The end of what is drawn: that of the run, or now. */
  get until(): number {
    const { endedAt } = this.details.value ?? {}
    return endedAt ?? (this.status === 'running' ? Math.max(this.now.value, this.model.lastAt) : this.model.lastAt)
  }

  close(): void {
    this.#end()
    clearInterval(this.#clock)
    clearTimeout(this.#drawing)
  }
}
