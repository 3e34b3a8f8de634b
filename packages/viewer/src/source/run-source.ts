import type { ActRequest, Comparison, EventPage, RunPage, RunQuery, ValueReference, ViewedRunDetails } from '../model/wire.ts'

/**
 * What runs are read from: a journal, a history in a database, a server. Every source passes the same tests. What it gives is shown as it
 * is: it is the source that blots out secrets. Throws `TracksError`, `viewer/unknown_run` where there is no such run.
 */
export interface RunSource {
  /** As a person calls it: `journal .tracks`. */
  readonly name: string
  /** How often to look for what is new, in milliseconds. */
  readonly pollMs: number
  list(query: RunQuery): Promise<RunPage>
  run(runId: string): Promise<ViewedRunDetails>
  /** The events of a run behind `after`, at most `limit` of them (default 2,000), in order. */
  events(runId: string, after?: string, limit?: number): Promise<EventPage>
  /** An input or output that an event refers to. Throws `viewer/unknown_value`. */
  value(runId: string, reference: ValueReference): Promise<unknown>
  /** The file behind a URL that stands in a value of the run. Throws `viewer/media_refused` where it is not the run's, or lies elsewhere than media may. */
  media?(runId: string, reference: ValueReference, url: string): Promise<MediaFile>
  compare?(before: string, after: string): Promise<Comparison>
  /** Begins to resume, fork or cancel a run, or answers what it asks for, and gives the id of the run to look at. */
  act?(runId: string, request: ActRequest): Promise<{ readonly runId: string }>
  /** Ends what it has under way. */
  close?(): void
}

/** A file that the page plays. */
export interface MediaFile {
  readonly path: string
  /** Of audio, video, pictures and subtitles only. */
  readonly contentType: string
}
