import { createHash } from 'node:crypto'
import { copyJson, TerminalError, toTracksError, TracksError } from '@track-orchestrator/registry'
import { backoffDelayMs, wait } from '@track-orchestrator/registry/waiting'
import type { Claim } from './carried.ts'

/**
 * Where values lie that are too big to travel between runs. Keys are `payloads/<run>/<hash>.json`: the run in which the walk
 * began, and the SHA-256 of the JSON. Whatever lies below `payloads/<run>/` may be deleted once that walk is not to be resumed any more.
 */
export interface PayloadStore {
  put(key: string, json: string): Promise<void>
  /** Rejects where there is nothing under the key. */
  get(key: string): Promise<string>
}

export interface ClaimCheckOptions {
  readonly payloadStore?: PayloadStore | undefined
  /** JSON of more bytes goes into the payload store. Default 65,536: Trigger.dev's SDK itself offloads from 131,072. */
  readonly inlineLimitBytes?: number | undefined
}

/** A value on its way between runs: itself, or where it lies. */
export type Handed = { readonly value: unknown; readonly claim?: undefined } | { readonly claim: Claim; readonly value?: undefined }

/** What Trigger.dev takes in one payload (https://trigger.dev/docs/limits#task-payloads-and-outputs). */
const hardLimitBytes = 3 * 1024 * 1024

/** Big values as references, on their way between runs: handed in where they leave, taken out where they are read. */
export class ClaimCheck {
  readonly #store: PayloadStore | undefined
  readonly #inlineLimitBytes: number

  constructor({ payloadStore, inlineLimitBytes = 65_536 }: ClaimCheckOptions) {
    this.#store = payloadStore
    this.#inlineLimitBytes = inlineLimitBytes
  }

  /**
   * The value as plain JSON, or a claim to it. (Trigger.dev would carry `undefined` as well, and show it as `null` to whoever
   * reads the run.) Throws `payload_too_large` where it can neither travel nor be stored, and what the store throws; `what` names it there.
   */
  async handIn(value: unknown, walkId: string, what: string): Promise<Handed> {
    const json = JSON.stringify(value)
    if (json === undefined) return { value }
    const sizeBytes = Buffer.byteLength(json)
    if (sizeBytes <= this.#inlineLimitBytes) return { value: plainOf(value, json) }
    if (!this.#store) {
      if (sizeBytes <= hardLimitBytes) return { value: plainOf(value, json) }
      throw new TerminalError(
        `${what} is ${sizeBytes} bytes of JSON; Trigger.dev takes ${hardLimitBytes} between runs. Give createTriggerWorker a payloadStore, or pass a reference instead of the data.`,
        { code: 'payload_too_large' },
      )
    }
    const claim = { hash: hashOf(json), sizeBytes }
    const store = this.#store
    await thrice(() => store.put(payloadKey(walkId, claim), json)).catch((cause: unknown) => {
      throw storeFailed(`${what} (${sizeBytes} bytes) could not be put into the payload store`, cause)
    })
    return { claim }
  }

  /** The value that was handed in. */
  async takeOut(handed: Handed, walkId: string, what: string): Promise<unknown> {
    if (!handed.claim) return handed.value
    if (!this.#store) throw new TerminalError(`${what} (${handed.claim.sizeBytes} bytes) lies in a payload store that this worker was not given.`, { code: 'payload_too_large' })
    return readClaim(this.#store, walkId, handed.claim, what)
  }
}

/** What the JSON of the value says. Read from it only where the value is more than JSON, as a Date: else a copy costs less. */
function plainOf(value: unknown, json: string): unknown {
  try {
    return copyJson('handIn', 'input', value)
  } catch {
    return JSON.parse(json)
  }
}

/** The value to which there is a claim. Throws where nothing, or something else, lies there. */
export async function readClaim(store: PayloadStore, walkId: string, claim: Claim, what: string): Promise<unknown> {
  const key = payloadKey(walkId, claim)
  const json = await thrice(() => store.get(key)).catch((cause: unknown) => {
    throw storeFailed(`${what} could not be read from the payload store, where it lies under ${key}`, cause)
  })
  if (hashOf(json) !== claim.hash) throw new TerminalError(`${what} is not what lies in the payload store under ${key}: that was changed since.`, { code: 'engine/payload_changed' })
  return JSON.parse(json)
}

/** Whoever makes a claim cannot choose where it leads: only below the run in which the reader's own walk began. */
function payloadKey(walkId: string, { hash }: Claim): string {
  return `${payloadPrefix(walkId)}${hash}.json`
}

/** Below which all values of a walk lie. Two walks of one run (`run_1` and `run_1#2`) share it. */
export function payloadPrefix(walkId: string): string {
  const [runId = ''] = walkId.split('#', 1)
  if (!/^[\w-]+$/.test(runId)) throw new TerminalError(`${JSON.stringify(runId)} is no id of a run.`)
  return `payloads/${runId}/`
}

function hashOf(json: string): string {
  return createHash('sha256').update(json).digest('hex')
}

/** A store that fails for a moment is asked again at once: what would follow is the whole task once more, or the end of the walk. */
async function thrice<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let failures = 1; failures < 3; failures += 1) {
    try {
      return await ask()
    } catch {
      await wait(backoffDelayMs({ minDelayMs: 200, maxDelayMs: 1_000 }, failures))
    }
  }
  return ask()
}

function storeFailed(what: string, cause: unknown): TracksError {
  if (TracksError.is(cause)) return cause
  return new TracksError(`${what}: ${toTracksError(cause).message}`, { code: 'engine/payload_store', retryable: true, cause })
}
