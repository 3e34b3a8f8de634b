import { redact, redactValue, toTracksError, type BaseFields } from '@track-orchestrator/registry'
import { settlesWithin } from '@track-orchestrator/registry/waiting'
import { newId } from './new-id.ts'
import type { RunEvent, RunEventBody } from './run-event.ts'
import type { LogLoss, RunLog } from './run-log.ts'

/** How a run waits for its logs. */
export interface FlushOptions {
  /** At most this long in all, in milliseconds. Default 2,000. */
  readonly flushMs?: number | undefined
  /** What the events must outlive. Default `process`. */
  readonly loss?: LogLoss | undefined
}

/** At most this long a run waits for its logs in all, unless its runner says otherwise. */
const defaultFlushMs = 2_000

/** Turns what happens in one run into events, and hands each to every log. A log that fails is told of once, by the others; the run goes on. */
export class RunEvents {
  /** At least one log wants inputs and outputs in full. */
  readonly payloads: boolean
  /** At least one log wants to know how big inputs and outputs are. */
  readonly sizes: boolean
  /** At least one log wants to know how far steps are. */
  readonly progress: boolean
  #sequence = 0
  /** What is left of the time that the run may wait for its logs. */
  #leftMs: number
  readonly #loss: LogLoss
  readonly #logs: readonly RunLog[]
  readonly #failed = new Set<RunLog>()
  readonly #facts: Pick<RunEvent, 'runId' | 'runName' | 'tenantId' | 'projectId' | 'userId'>

  constructor(logs: readonly RunLog[], run: { id: string; name: string }, { tenantId, projectId, userId }: BaseFields, { flushMs = defaultFlushMs, loss = 'process' }: FlushOptions = {}) {
    this.#leftMs = flushMs
    this.#loss = loss
    this.#logs = logs
    this.payloads = logs.some((log) => log.payloads)
    this.sizes = logs.some((log) => log.sizes)
    this.progress = logs.some((log) => log.progress !== false)
    this.#facts = { runId: run.id, runName: run.name, tenantId, projectId, ...(userId !== undefined && { userId }) }
  }

  /**
   * Takes the body over and makes the event of it: by adding to it, for copying costs more than all the rest. Free text and payloads in it
   * are redacted here; payloads are kept from logs that do not want them. Errors are redacted as JSON already.
   */
  emit(body: RunEventBody, kept: boolean): void {
    if (body.type === 'step.progress' && !this.progress) return
    redactIn(body)
    const event = this.#withFacts(body, kept)
    const lean = this.payloads ? withoutPayloads(event) : event
    for (const log of this.#logs) if (event.type !== 'step.progress' || log.progress !== false) this.#write(log, log.payloads ? event : lean)
  }

  #withFacts(body: Writable<Partial<RunEvent>> & RunEventBody, kept: boolean): RunEvent {
    const { runId, runName, tenantId, projectId, userId } = this.#facts
    body.id = newId()
    body.at = Date.now()
    body.sequence = ++this.#sequence
    body.runId = runId
    body.runName = runName
    body.tenantId = tenantId
    body.projectId = projectId
    if (userId !== undefined) body.userId = userId
    body.kept = kept
    return body as RunEvent
  }

  /**
   * Waits until the events are safe, no longer than is left of `flushMs`, and not for a log that is away. Whether they are: also false
   * where a log is away. Never rejects.
   */
  async flush(): Promise<boolean> {
    const away = this.#logs.filter((log) => isAway(log))
    for (const log of away) void this.#flush(log, 0)
    const present = this.#logs.filter((log) => !away.includes(log))
    if (present.length === 0) return away.length === 0
    const startedAt = performance.now()
    const isInTime = await settlesWithin(Promise.all(present.map((log) => this.#flush(log, this.#leftMs))), this.#leftMs)
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - startedAt))
    return isInTime && away.length === 0 && !present.some((log) => isAway(log))
  }

  async #flush(log: RunLog, deadlineMs: number): Promise<void> {
    try {
      await log.flush(deadlineMs, this.#loss)
    } catch (thrown) {
      this.#tellOf(log, thrown)
    }
  }

  #write(log: RunLog, event: RunEvent): void {
    try {
      const written: unknown = log.write(event)
      if (written instanceof Promise) written.catch((thrown: unknown) => this.#tellOf(log, thrown))
    } catch (thrown) {
      this.#tellOf(log, thrown)
    }
  }

  /** The first failure of a log is told to the others; where there is no other, as a warning of the process. */
  #tellOf(log: RunLog, thrown: unknown): void {
    if (this.#failed.has(log)) return
    this.#failed.add(log)
    const message = `A log failed, and may have lost events of run ${this.#facts.runId}: ${toTracksError(thrown).message}`
    const others = this.#logs.filter((other) => !this.#failed.has(other))
    if (others.length === 0) return process.emitWarning(message, { type: 'TracksWarning' })
    const event = this.#withFacts({ type: 'log', level: 'warn', message }, false)
    for (const other of others) this.#write(other, event)
  }
}

function isAway(log: RunLog): boolean {
  try {
    return log.isAway === true
  } catch {
    return false
  }
}

/** How many bytes the value is as JSON; `undefined` where it is none. */
export function jsonSizeBytes(value: unknown): number | undefined {
  try {
    const json = JSON.stringify(value)
    return json === undefined ? undefined : Buffer.byteLength(json)
  } catch {
    return undefined
  }
}

/** Blots secrets out of what strangers write: messages, notes, fields, metadata and payloads. */
function redactIn(body: Writable<RunEventBody>): void {
  if (body.type === 'log') {
    body.message = redactText(body.message)
    if (body.fields) body.fields = redactValue(body.fields) as Record<string, unknown>
  } else if (body.type === 'step.progress') {
    if (body.note !== undefined) body.note = redactText(body.note)
  } else if (body.type === 'step.started') {
    if (body.input !== undefined) body.input = redactValue(body.input)
  } else if (body.type === 'step.succeeded' || body.type === 'track.succeeded' || body.type === 'run.succeeded') {
    if (body.output !== undefined) body.output = redactValue(body.output)
    if (body.type === 'step.succeeded' && body.metadata) body.metadata = redactValue(body.metadata) as Record<string, unknown>
  }
}

type Writable<Event> = Event extends unknown ? { -readonly [Name in keyof Event]: Event[Name] } : never

/** Handlers written without a compiler log anything, an Error for instance. */
const redactText = (text: unknown): string => redact(text)

function withoutPayloads(event: RunEvent): RunEvent {
  if (!('input' in event) && !('output' in event)) return event
  const { input: _input, output: _output, ...rest } = event as RunEvent & { input?: unknown; output?: unknown }
  return rest
}
