import { DefinitionError } from '@track-orchestrator/registry'
import type { RecordHeads } from '../journal/record-heads.ts'
import type { RunEvent } from '../log/run-event.ts'
import type { FoundPlace } from '../run/find-place.ts'
import { depthOf } from '../run/places.ts'

/**
 * Throws `DefinitionError` where a number that was said is beyond the items or times that the run had: nothing would be done anew, and nobody told.
 * Of a step that the run has not come to, nobody knows yet how many there are.
 */
export function refuseBeyond(heads: RecordHeads, { place, inside, path }: FoundPlace): void {
  const parts = path.split('/')
  const numbered = [...inside, place].flatMap((step) => {
    const [, whole, number] = /^(.*)\[(\d+)\]$/.exec(parts.slice(0, depthOf(step.path)).join('/')) ?? []
    return whole === undefined ? [] : [{ whole, number: Number(number), again: step.again }]
  })
  if (numbered.length === 0) return
  const { items, times } = countsIn(heads)
  for (const { whole, number, again } of numbered) {
    const count = again ? times.get(whole) : items.get(whole)
    // Behind the last time there may be another.
    if (count === undefined || number < count + (again ? 1 : 0)) continue
    const had = count === 0 ? `no ${again ? 'times' : 'items'}` : count === 1 ? `one ${again ? 'time' : 'item'}, [0]` : `${count} ${again ? 'times' : 'items'}, [0] to [${count - 1}]`
    throw new DefinitionError(`${whole} had ${had}: there is no ${whole.slice(whole.lastIndexOf('/') + 1)}[${number}].`)
  }
}

/** How many items a step was run for when it was begun last, and how many times a repeated one was begun, by their paths. */
function countsIn(heads: RecordHeads): { readonly items: ReadonlyMap<string, number>; readonly times: ReadonlyMap<string, number> } {
  const items = new Map<string, number>()
  const times = new Map<string, number>()
  for (const head of heads) {
    if (head.type !== 'event') continue
    const event = head.whole()['event'] as RunEvent
    if (event.type === 'step.started' && event.itemCount !== undefined) items.set(event.path, event.itemCount)
    if (event.type !== 'track.started') continue
    const [, whole, number] = /^(.*)\[(\d+)\]$/.exec(event.path) ?? []
    if (whole !== undefined) times.set(whole, Math.max(times.get(whole) ?? 0, Number(number) + 1))
  }
  return { items, times }
}
