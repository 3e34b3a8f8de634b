import { redactValue, type BaseFields } from '@track-orchestrator/registry'
import { newId } from './new-id.ts'
import type { RunEvent, RunEventBody } from './run-event.ts'
import type { RunLog } from './run-log.ts'

/** Turns what happens in one run into events, and hands each to every log. A log that throws is left alone. */
export class RunEvents {
  /** At least one log wants inputs and outputs in full. */
  readonly payloads: boolean
  #sequence = 0
  readonly #logs: readonly RunLog[]
  readonly #facts: Pick<RunEvent, 'runId' | 'runName' | 'tenantId' | 'projectId' | 'userId'>

  constructor(logs: readonly RunLog[], run: { id: string; name: string }, { tenantId, projectId, userId }: BaseFields) {
    this.#logs = logs
    this.payloads = logs.some((log) => log.payloads)
    this.#facts = { runId: run.id, runName: run.name, tenantId, projectId, ...(userId !== undefined && { userId }) }
  }

  /** Inputs and outputs in `body` are redacted here, and kept from logs that do not want them. */
  emit(body: RunEventBody, kept: boolean): void {
    const facts = { id: newId(), at: Date.now(), sequence: ++this.#sequence, ...this.#facts, kept }
    const full = redactValue(body) as RunEventBody
    const event: RunEvent = { ...facts, ...full }
    const lean: RunEvent = this.payloads ? { ...facts, ...withoutPayloads(full) } : event
    for (const log of this.#logs) {
      try {
        log.write(log.payloads ? event : lean)
      } catch {
        // The port says that `write` never throws. A log that does must not stop the run it watches.
      }
    }
  }

  async flush(deadlineMs: number): Promise<void> {
    await Promise.allSettled(this.#logs.map(async (log) => log.flush(deadlineMs)))
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

function withoutPayloads(body: RunEventBody): RunEventBody {
  if (!('input' in body) && !('output' in body)) return body
  const { input: _input, output: _output, ...rest } = body as RunEventBody & { input?: unknown; output?: unknown }
  return rest
}
