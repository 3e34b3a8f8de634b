import { createHash } from 'node:crypto'
import { DefinitionError, parseBaseFields } from '@track-orchestrator/registry'
import { checkOptions, text, wholeNumber } from '@track-orchestrator/registry/options'
import type { TriggerOptions } from '@trigger.dev/sdk'

/** One run for one thing. */
export interface RunKeyOptions {
  /**
   * What the run is for: `invoice-7`. Any text. Where a run of the same name was begun under it for the same tenant and goes on, or has succeeded,
   * none is begun, and that one is given. After one that failed or was cancelled a new one is begun. The payload makes no difference.
   * Takes the place of `idempotencyKey`.
   */
  readonly runKey?: string
  /** For how long that run is given, in milliseconds from its beginning, as who began it said: from 1,000 on. Longer than the run takes, or a second one is begun beside it. Default 30 days. */
  readonly runKeyTtlMs?: number
}

const defaultTtlMs = 30 * 86_400_000
const rules = { runKey: text(), runKeyTtlMs: wholeNumber({ from: 1_000 }) }

interface Starting {
  readonly start: (name: string, payload: unknown, options: TriggerOptions) => Promise<{ readonly id: string }>
  readonly isCancelled: (runId: string) => Promise<boolean>
}

/** Starts a run, or gives the one that its `runKey` stands for. Throws `DefinitionError`, and `ContractError` where the payload names no tenant. */
export async function startUnderKey(name: string, payload: unknown, { runKey, runKeyTtlMs, ...options }: TriggerOptions & RunKeyOptions, { start, isCancelled }: Starting): Promise<{ readonly id: string }> {
  const { runKey: key, runKeyTtlMs: ttlMs = defaultTtlMs } = checkOptions<RunKeyOptions>(`Starting ${name}`, { ...(runKey !== undefined && { runKey }), ...(runKeyTtlMs !== undefined && { runKeyTtlMs }) }, rules)
  if (key === undefined) return start(name, payload, options)
  const other = (['idempotencyKey', 'debounce'] as const).find((option) => options[option] !== undefined)
  if (other) throw new DefinitionError(`Starting ${name}: runKey and ${other} both say which run is given. Keep one of the two.`)
  const cancelled: string[] = []
  for (;;) {
    const idempotencyKey = keyOf([parseBaseFields(name, payload).tenantId, name, key, ...cancelled])
    const run = await start(name, payload, { ...options, idempotencyKey, idempotencyKeyTTL: `${Math.ceil(ttlMs / 1_000)}s` })
    if (!(await isCancelled(run.id))) return run
    cancelled.push(run.id) // Trigger.dev leaves a cancelled run its key: the next key is the same for all who find it
  }
}

/** 64 letters: the SDK takes a key of that length as it is, where it would make another one of any other in every run. */
const keyOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(['track-orchestrator/run-key', ...parts])).digest('hex')
