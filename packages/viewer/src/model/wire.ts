import type { RunEventBody } from '@track-orchestrator/core'
import type { Outline, StepDifference, WhyRun } from '@track-orchestrator/core/in-process'
import type { Costs, ErrorJson } from '@track-orchestrator/registry'

// What travels between the page and whatever it looks at. Plain JSON; times in milliseconds since 1970 (UTC).

export const runStatuses = ['running', 'interrupted', 'succeeded', 'failed', 'cancelled', 'damaged'] as const
/** `interrupted`: its process ended before it did. `damaged`: what was written of it cannot be read. */
export type ViewedStatus = (typeof runStatuses)[number]

/** A run in a list. */
export interface ViewedRun {
  readonly runId: string
  readonly name: string
  readonly kind?: 'track' | 'orchestrator' | 'task'
  readonly status: ViewedStatus
  readonly tenantId: string
  readonly projectId: string
  readonly startedAt: number
  readonly endedAt?: number
  readonly error?: ErrorJson
  /** All that it has paid, where the source knows. */
  readonly costs?: Costs
  /** The run that it was forked from. */
  readonly forkOf?: string
}

export interface RunQuery {
  readonly status?: ViewedStatus | undefined
  readonly tenantId?: string | undefined
  /** Of the track, orchestrator or task. */
  readonly name?: string | undefined
  /** In the id, the name, the tenant or the error. Case does not matter. */
  readonly text?: string | undefined
  /** From 1 to 500; default 100. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

export interface RunPage {
  /** The latest first. */
  readonly runs: readonly ViewedRun[]
  /** Where the next page begins; missing on the last. */
  readonly next?: string
}

/** What can be done with a run from the page, and the command that does the same. */
export interface ViewedAct {
  readonly act: ActName
  readonly command: string
}
/** How the command is called that does the same with the same runs. */
export interface CommandLine {
  /** As a person types it: `tracks`, `npx tracks`. */
  readonly program: string
  /** What is said to every verb, a word each: `--config` and its file, say. */
  readonly options: readonly string[]
}
export type ActName = 'resume' | 'fork' | 'cancel'

export interface ViewedRunDetails extends ViewedRun {
  /** What was asked for, where it is kept. */
  readonly payload?: unknown
  readonly fork?: { readonly from?: string | undefined; readonly set?: Readonly<Record<string, unknown>> | undefined }
  /** What its definition is made of now. Missing where there is none of that name. */
  readonly outline?: Outline
  readonly acts: readonly ViewedAct[]
  /** For the lines to be typed that the page makes. Default: `tracks`, without options. */
  readonly command?: CommandLine
}

/** A step asks for an answer. `askedAt`: where that was not now. */
export interface AsksUntil {
  readonly timeoutMs: number
  readonly askedAt?: number
}

interface AtPath {
  readonly path: string
}

/** A task was called: what only a journal knows of it. */
type CallBody =
  | ({ readonly type: 'call.started'; readonly track: string; readonly step: string; readonly taskName: string; readonly nested?: boolean; readonly why?: WhyRun; /** In words, as everywhere. */ readonly whyText?: string; readonly asks?: AsksUntil; readonly input?: ValueReference } & AtPath)
  | ({ readonly type: 'call.succeeded'; readonly attempt: number; readonly costs?: Costs; readonly takenFrom?: string; readonly metadata?: Readonly<Record<string, unknown>>; readonly output?: ValueReference } & AtPath)
  | ({ readonly type: 'call.failed'; readonly attempt: number; readonly costs?: Costs; readonly error: ErrorJson } & AtPath)

type EndBody = { readonly type: 'run.resumed' } | { readonly type: 'run.ended'; readonly status: ViewedStatus; readonly error?: ErrorJson; readonly output?: ValueReference }

/** The name under which a value is fetched: values may be big, and few are looked at. */
export type ValueReference = string

/** One thing that happened in a run: of its events what differs from event to event, and what a journal knows beside. */
export type ViewedEvent = { readonly at: number } & (WithReferences<RunEventBody> | CallBody | EndBody)

type WithReferences<Body> = Body extends { readonly input?: unknown } ? Omit<Body, 'input'> & { readonly input?: ValueReference } : Body extends { readonly output?: unknown } ? Omit<Body, 'output'> & { readonly output?: ValueReference } : Body

/** Events behind a place, and where they end. */
export interface EventPage {
  readonly events: readonly ViewedEvent[]
  /** To be given as `after`, for what comes behind. */
  readonly next: string
  /** There is more already. */
  readonly more: boolean
}

export interface Comparison {
  readonly before: string
  readonly after: string
  readonly steps: readonly StepDifference[]
}

/** What an act is asked for with. */
export interface ActRequest {
  readonly act: ActName | 'answer'
  /** Of an answer: the path of the step that asks. */
  readonly step?: string
  readonly value?: unknown
  /** Of a fork: the step from which on everything is done anew. */
  readonly from?: string
  /** Of a fork: by JSON path, what takes the place of what stands in the step's input. */
  readonly set?: Readonly<Record<string, unknown>>
}

/** What the page is told of what it looks at. */
export interface ViewerInfo {
  /** As a person calls it: `journal .tracks`. */
  readonly source: string
  readonly canCompare: boolean
}

/** A request that failed. */
export interface WireError {
  readonly error: { readonly code: string; readonly message: string }
}
