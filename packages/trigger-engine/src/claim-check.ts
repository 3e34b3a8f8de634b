import { inputHash } from '@track-orchestrator/core/engine'
import { TerminalError } from '@track-orchestrator/registry'

/** Where values lie that are too big to travel. Written once under a key that is made of their content. */
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

/** What Trigger.dev takes in one payload (https://trigger.dev/docs/limits#task-payloads-and-outputs). */
const hardLimitBytes = 3 * 1024 * 1024

interface Claim {
  readonly $claim: string
  readonly sizeBytes: number
}

/** Big values as references, on their way between runs: handed in where they leave, taken out where they are read. */
export class ClaimCheck {
  readonly #store: PayloadStore | undefined
  readonly #inlineLimitBytes: number

  constructor({ payloadStore, inlineLimitBytes = 65_536 }: ClaimCheckOptions) {
    this.#store = payloadStore
    this.#inlineLimitBytes = inlineLimitBytes
  }

  /**
   * The value as plain JSON, or a reference to it. (Trigger.dev would carry `undefined` as well, and show it as `null` to whoever
   * reads the run.) Throws `payload_too_large` where it can neither travel nor be stored; `what` names it there.
   */
  async handIn(value: unknown, walkId: string, what: string): Promise<unknown> {
    const json = JSON.stringify(value)
    if (json === undefined) return value
    const sizeBytes = Buffer.byteLength(json)
    if (sizeBytes <= this.#inlineLimitBytes && !isClaim(value)) return JSON.parse(json)
    if (!this.#store) {
      if (sizeBytes <= hardLimitBytes) return JSON.parse(json)
      throw new TerminalError(
        `${what} is ${sizeBytes} bytes of JSON; Trigger.dev takes ${hardLimitBytes} between runs. Give createTriggerWorker a payloadStore, or pass a reference instead of the data.`,
        { code: 'payload_too_large' },
      )
    }
    const claim: Claim = { $claim: `payloads/${walkId}/${inputHash(value)}.json`, sizeBytes }
    await this.#store.put(claim.$claim, json)
    return claim
  }

  /** The value that was handed in. */
  async takeOut(value: unknown): Promise<unknown> {
    if (!isClaim(value)) return value
    if (!this.#store) throw new TerminalError(`A value of ${value.sizeBytes} bytes lies in a payload store that this worker was not given.`, { code: 'payload_too_large' })
    return JSON.parse(await this.#store.get(value.$claim))
  }
}

function isClaim(value: unknown): value is Claim {
  return typeof value === 'object' && value !== null && '$claim' in value && typeof value.$claim === 'string'
}
