import { batch, idempotencyKeys, tasks, type TriggerOptions } from '@trigger.dev/sdk'

/** A run to be started: what the SDK takes. */
export interface Item {
  readonly id: string
  readonly payload: unknown
  readonly options: TriggerOptions & { readonly idempotencyKey: string }
}

/** How a started run ended. The id is empty where it could not be started. */
export type Result = { readonly ok: true; readonly id: string; readonly output: unknown } | { readonly ok: false; readonly id: string; readonly error: unknown }

/** One batch holds no more items (https://trigger.dev/docs/limits#batch-size). */
export const batchLimit = 1_000

/** Starts the items in one batch and waits for all. The same key twice in it would hang the run for ever: such items share one run and its result. */
export async function startItems(items: readonly Item[]): Promise<Result[]> {
  const keyOf = ({ id, options }: Item) => `${id} ${options.idempotencyKey}`
  const unique = [...new Map(items.map((item) => [keyOf(item), item])).values()]
  const results = await start(unique)
  const byKey = new Map(unique.map((item, place) => [keyOf(item), results[place]!]))
  return items.map((item) => byKey.get(keyOf(item))!)
}

/** Frees the key that a cancelled run keeps, and starts the item anew. */
export async function startAnew(item: Item): Promise<Result> {
  const { idempotencyKey } = item.options
  await idempotencyKeys.reset(item.id, idempotencyKey)
  return (await start([item]))[0]!
}

/** One that could not be started has failed. */
async function start(items: readonly Item[]): Promise<Result[]> {
  try {
    const [first] = items
    if (items.length === 1) return [await tasks.triggerAndWait(first!.id, first!.payload, first!.options)]
    return (await batch.triggerAndWait([...items])).runs
  } catch (error) {
    return items.map(() => ({ ok: false, id: '', error }))
  }
}
