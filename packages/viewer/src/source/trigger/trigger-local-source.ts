import type { Outline } from '@track-orchestrator/core/in-process'
import { redactValue, TerminalError } from '@track-orchestrator/registry'
import { aFunction, checkOptions, listOf, required, text } from '@track-orchestrator/registry/options'
import type { ViewedEvent, ViewedRun, ViewedStatus } from '../../model/wire.ts'
import { eventPageOf, pageOf } from '../filter-runs.ts'
import { findMedia } from '../find-media.ts'
import type { RunSource } from '../run-source.ts'
import { unknownRun, unknownValue } from '../viewer-error.ts'
import { eventsOfTree, kindOf, valueIn } from './trigger-events.ts'
import { connectTriggerLocal, type TriggerLocal, type TriggerRun, type TriggerSummary } from './trigger-local.ts'
import { errorOf, stored } from './trigger-place.ts'

export interface TriggerLocalSourceOptions {
  /** Where trigger-local is: `http://127.0.0.1:<port>`. */
  readonly url: string
  /** What it is asked with: its secret key, which stands behind the `#` of the address that it prints. */
  readonly key: string
  /** For people. Default: its address. */
  readonly name?: string
  /** What a track or an orchestrator is made of, for the graph (`outlineOf`). Default: runs are drawn as they were walked. */
  readonly outlineOf?: (name: string) => Outline | undefined
  /** Folders whose audio, video, pictures and subtitles may be played, where a value of the run refers to them (`file://`). Default: none. */
  readonly mediaFolders?: readonly string[]
}

/** Runs that are kept at hand. */
const mostTails = 6

/** A tree of runs as far as it has come. Events that arrive late come last: a place in it stays what it was. */
interface Tail {
  at: string | undefined
  runs: readonly TriggerRun[]
  isHeld: boolean
  /** One after the other: who asks at the same time is told the same. */
  reading: Promise<void>
  readonly events: ViewedEvent[]
  readonly seen: Set<string>
}

/**
 * The runs of a Trigger.dev on this machine (trigger-local), those of tracks with their steps. They can be looked at, not acted upon.
 * Throws `viewer/trigger_local` where the address is none, and from its calls where trigger-local does not answer.
 */
export function triggerLocalSource(options: TriggerLocalSourceOptions): RunSource {
  const rules = { url: required(text()), key: required(text()), name: text(), outlineOf: aFunction, mediaFolders: listOf(text()) }
  const { url, key, name = `trigger-local at ${options.url}`, outlineOf, mediaFolders = [] } = checkOptions<TriggerLocalSourceOptions>('triggerLocalSource', options, rules)
  const local = connectTriggerLocal({ url, key })
  const tails = new Map<string, Tail>()

  const tailOf = async (runId: string): Promise<Tail & { readonly root: TriggerRun }> => {
    const tail = tails.get(runId) ?? { at: undefined, runs: [], isHeld: false, reading: Promise.resolve(), events: [], seen: new Set<string>() }
    tails.delete(runId)
    tails.set(runId, tail)
    if (tails.size > mostTails) tails.delete(tails.keys().next().value!)
    const read = () => readOn(local, runId, tail, (task) => outlineOf?.(task)?.kind)
    tail.reading = tail.reading.then(read, read)
    await tail.reading
    return Object.assign(tail, { root: tail.runs[0]! })
  }
  const value: RunSource['value'] = async (runId, reference) => {
    const found = valueIn((await tailOf(runId)).runs, reference)
    if (!found) throw unknownValue()
    if (found.value === stored) throw new TerminalError('The value was too big to travel: it lies in the payload store of the worker.', { code: 'viewer/unknown_value' })
    return redactValue(found.value)
  }

  return {
    name,
    pollMs: 700,
    value,
    async list(query) {
      const roots = (await local.roots(['tenantId', 'projectId'])).map((run) => viewed(run))
      return pageOf(roots.filter((run) => (query.name === undefined || run.name === query.name) && (query.tenantId === undefined || run.tenantId === query.tenantId)), query, (run) => Promise.resolve(run))
    },
    async run(runId) {
      const { root, runs } = await tailOf(runId)
      const outline = outlineOf?.(root.task)
      const kind = outline?.kind ?? kindOf(runs)
      const status = statusOf(root)
      return {
        ...viewed(root),
        ...(kind && { kind }),
        ...(status === 'failed' && { error: redactValue(errorOf(root)) as ReturnType<typeof errorOf> }),
        payload: redactValue(root.payload),
        ...(outline && { outline }),
        acts: [],
      }
    },
    async events(runId, after, limit) {
      return eventPageOf((await tailOf(runId)).events, after, limit)
    },
    async media(runId, reference, file) {
      return findMedia(mediaFolders, await value(runId, reference), file)
    },
  }
}

async function readOn(local: TriggerLocal, runId: string, tail: Tail, kindOfName: (task: string) => 'track' | 'orchestrator' | undefined): Promise<void> {
  const answer = await local.tree(runId, tail.at)
  if (!answer) throw unknownRun(runId)
  if (answer.runs) tail.runs = answer.runs
  tail.at = answer.at
  if (!answer.runs && !tail.isHeld) return
  const { events, isHeld } = eventsOfTree(tail.runs, kindOfName(tail.runs[0]!.task), Date.now())
  tail.isHeld = isHeld
  for (const { key, event } of events) {
    if (tail.seen.has(key)) continue
    tail.seen.add(key)
    tail.events.push(event)
  }
}

function statusOf({ status, hasEnded }: TriggerSummary): ViewedStatus {
  if (!hasEnded) return 'running'
  return status === 'COMPLETED' ? 'succeeded' : status === 'CANCELED' ? 'cancelled' : 'failed'
}

function viewed(run: TriggerSummary): ViewedRun {
  const { tenantId, projectId } = (typeof run.payload === 'object' && run.payload !== null ? run.payload : {}) as Record<string, unknown>
  const said = (value: unknown) => (typeof value === 'string' ? value : '')
  return { runId: run.id, name: run.task, status: statusOf(run), tenantId: said(tenantId), projectId: said(projectId), startedAt: Date.parse(run.createdAt), ...(run.hasEnded && run.finishedAt !== undefined && { endedAt: Date.parse(run.finishedAt) }) }
}
