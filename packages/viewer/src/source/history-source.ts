import type { Outline } from '@track-orchestrator/core/in-process'
import { ContractError, redactValue, type ErrorJson } from '@track-orchestrator/registry'
import { aFunction, checkOptions, madeBy, required, text } from '@track-orchestrator/registry/options'
import { emptyRun, foldEvents } from '../model/fold-run.ts'
import type { RunPage, RunQuery, ViewedRun } from '../model/wire.ts'
import { eventPageOf, isFound } from './filter-runs.ts'
import type { HistoryReader, HistoryRun } from './history-reader.ts'
import { HistoryTail } from './history-tail.ts'
import type { RunSource } from './run-source.ts'
import { unknownRun, unknownValue } from './viewer-error.ts'

export interface HistorySourceOptions {
  readonly reader: HistoryReader
  /** Whose runs. */
  readonly tenantId: string
  /** For people. Default `history of <tenantId>`. */
  readonly name?: string
  /** What a track or an orchestrator is made of, for the graph (`outlineOf`). Default: runs are drawn as they were walked. */
  readonly outlineOf?: (name: string) => Outline | undefined
}

/** Runs that are kept at hand. */
const mostTails = 6
/** Of a search by words: pages that are looked through for one answer. */
const mostPages = 10

/** The runs of a tenant as their log wrote them. They can be looked at, not acted upon. Inputs and outputs are there where the log kept payloads. */
export function historySource(options: HistorySourceOptions): RunSource {
  const rules = { reader: required(madeBy('createRunReader(client)', 'listRuns', 'readEvents', 'followRun')), tenantId: required(text()), name: text(), outlineOf: aFunction }
  const { reader, tenantId, outlineOf, name = `history of ${options.tenantId}` } = checkOptions<HistorySourceOptions>('historySource', options, rules)
  const tails = new Map<string, HistoryTail>()

  const tailOf = async (runId: string): Promise<HistoryTail> => {
    const tail = tails.get(runId) ?? new HistoryTail(reader, { tenantId, runId })
    try {
      await tail.read()
    } catch (error) {
      if (ContractError.is(error)) throw unknownRun(runId) // an id that no run can have
      throw error
    }
    if (!tail.first) throw unknownRun(runId)
    tails.delete(runId)
    tails.set(runId, tail)
    const [oldest] = tails.keys()
    if (tails.size > mostTails) {
      tails.get(oldest!)!.close()
      tails.delete(oldest!)
    }
    return tail
  }

  return {
    name,
    pollMs: 1_000,
    list: (query) => listRuns(reader, tenantId, query),
    async run(runId) {
      const { first, events } = await tailOf(runId)
      const model = emptyRun()
      foldEvents(model, events.filter(({ type }) => type.startsWith('run.')))
      const { runName, projectId } = first!
      const outline = outlineOf?.(runName)
      return {
        ...{ runId, name: runName, tenantId, projectId, status: model.status, startedAt: first!.at },
        ...(first!.type === 'run.started' && { kind: first!.kind }),
        ...(model.endedAt !== undefined && { endedAt: model.endedAt }),
        ...(model.error && { error: model.error }),
        ...(outline && { outline }),
        acts: [],
      }
    },
    async events(runId, after, limit) {
      return eventPageOf((await tailOf(runId)).events, after, limit)
    },
    async value(runId, reference) {
      const { values } = await tailOf(runId)
      if (!values.has(reference)) throw unknownValue()
      return values.get(reference)
    },
    close() {
      for (const tail of tails.values()) tail.close()
      tails.clear()
    },
  }
}

async function listRuns(reader: HistoryReader, tenantId: string, { status, name, text: words, limit = 100, after, tenantId: asked }: RunQuery): Promise<RunPage> {
  // A history does not know whether a process still runs.
  if (status === 'interrupted' || status === 'damaged' || (asked !== undefined && asked !== tenantId)) return { runs: [] }
  const runs: ViewedRun[] = []
  let next = after
  for (let page = 0; page < mostPages; page++) {
    const found = await reader.listRuns({ tenantId, limit, ...(status !== undefined && { status }), ...(name !== undefined && { name }), ...(next !== undefined && { after: next }) })
    runs.push(...found.runs.map(viewed).filter((run) => isFound(run, words)))
    next = found.next
    if (next === undefined || words === undefined || runs.length >= limit) break
  }
  return { runs, ...(next !== undefined && { next }) }
}

function viewed({ runId, name, kind, status, tenantId, projectId, startedAt, endedAt, error }: HistoryRun): ViewedRun {
  return { runId, name, status, tenantId, projectId, startedAt, ...(kind && { kind }), ...(endedAt !== undefined && { endedAt }), ...(error && { error: redactValue(error) as ErrorJson }) }
}
