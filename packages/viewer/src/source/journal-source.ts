import { headOf, type DamagedRun, type Journal, type JournaledRun, type Outline } from '@track-orchestrator/core/in-process'
import { errorToJson, redactValue, TracksError } from '@track-orchestrator/registry'
import { checkOptions, aFunction, listOf, madeBy, required, shape, text } from '@track-orchestrator/registry/options'
import { findMedia } from './find-media.ts'
import { eventPageOf, pageOf } from './filter-runs.ts'
import { JournalTails } from './journal-tail.ts'
import type { RunSource } from './run-source.ts'
import { typedLine } from '../model/typed-line.ts'
import type { CommandLine, ViewedAct, ViewedRun, ViewedStatus } from '../model/wire.ts'
import { unknownRun, unknownValue } from './viewer-error.ts'

export interface JournalSourceOptions {
  readonly journal: Journal
  /** Where the journal lies, for people. Default `journal`. */
  readonly name?: string
  /** What a track or an orchestrator is made of, for the graph (`outlineOf`). Default: runs are drawn as they were walked. */
  readonly outlineOf?: (name: string) => Outline | undefined
  /** Folders whose audio, video, pictures and subtitles may be played, where a value of the run refers to them (`file://`). Default: none. */
  readonly mediaFolders?: readonly string[]
  /** Resumes, forks or cancels a run, or answers what it asks for, and gives the id of the run to look at. Default: runs can only be looked at. */
  readonly act?: RunSource['act']
  /** How the command is called that acts on the same runs, for the lines that the page shows to be typed. Default: `tracks`, without options. */
  readonly command?: CommandLine
}

const rules = { journal: required(madeBy('createJournal({ folder })', 'list', 'readFrom', 'valueOf', 'isRunning', 'diff')), name: text(), outlineOf: aFunction, mediaFolders: listOf(text()), act: aFunction, command: shape({ program: required(text()), options: required(listOf(text())) }) }

/** The runs of a journal. Values are given with secrets blotted out. */
export function journalSource(options: JournalSourceOptions): RunSource {
  const { journal, name = 'journal', outlineOf, mediaFolders = [], act, command } = checkOptions<JournalSourceOptions>('journalSource', options, rules)
  const tails = new JournalTails(journal)

  const tailOf = async (runId: string) => {
    try {
      return await tails.of(runId)
    } catch (error) {
      if (TracksError.is(error) && error.code === 'journal/unknown_run') throw unknownRun(runId)
      throw error
    }
  }
  const statusOf = async ({ runId, status }: JournaledRun): Promise<ViewedStatus> => (status !== 'open' ? status : (await journal.isRunning(runId)) ? 'running' : 'interrupted')
  const viewed = async (run: JournaledRun): Promise<ViewedRun> => ({ ...run, status: await statusOf(run), ...(run.error && { error: redactValue(run.error) as typeof run.error }) })
  const viewedDamaged = ({ error, ...run }: DamagedRun): ViewedRun => ({ name: '', tenantId: '', projectId: '', ...run, status: 'damaged', error: errorToJson(error) })

  const value: RunSource['value'] = async (runId, reference) => {
    const [, number, which] = /^(\d{1,15})\.(input|output)$/.exec(reference) ?? []
    const record = (await tailOf(runId)).valued.get(Number(number))
    if (!record || (record[which!] === undefined && record['blob'] === undefined) || (which === 'input') !== (record.type === 'call.started')) throw unknownValue()
    try {
      return redactValue(await journal.valueOf(runId, record, which as 'input'))
    } catch (error) {
      if (TracksError.is(error) && error.code === 'journal/output_missing') throw unknownValue()
      throw error
    }
  }

  return {
    name,
    pollMs: 500,
    value,
    async list(query) {
      const damaged: DamagedRun[] = []
      const whole = await journal.list({ ...(query.name !== undefined && { name: query.name }), ...(query.tenantId !== undefined && { tenantId: query.tenantId }) }, { onDamaged: (run) => damaged.push(run) })
      const runs = [...whole, ...damaged].toSorted((a, b) => b.startedAt - a.startedAt)
      return pageOf(runs, query, async (run) => ('status' in run ? viewed(run) : viewedDamaged(run)))
    },
    async run(runId) {
      const { heads } = await tailOf(runId)
      const run = await viewed(headOf(runId, heads[0]!, heads))
      const outline = outlineOf?.(run.name)
      const fork = heads[0]!['fork'] as { readonly from?: string; readonly set?: Readonly<Record<string, unknown>> } | undefined
      return {
        ...run,
        payload: redactValue(heads[0]!['payload']),
        ...(fork && { fork: redactValue({ from: fork.from, set: fork.set }) as typeof fork }),
        ...(outline && { outline }),
        acts: act ? actsOn(run, command) : [],
        ...(act && command && { command }),
      }
    },
    async events(runId, after, limit) {
      return eventPageOf((await tailOf(runId)).events, after, limit)
    },
    async media(runId, reference, url) {
      return findMedia(mediaFolders, await value(runId, reference), url)
    },
    async compare(before, after) {
      await Promise.all([tailOf(before), tailOf(after)])
      return { before, after, steps: redactValue(await journal.diff(before, after)) as Awaited<ReturnType<Journal['diff']>> }
    },
    ...(act && { act }),
  }
}

/** What can be done with a run as it stands, with the commands that do the same. */
function actsOn({ runId, status }: ViewedRun, command: CommandLine | undefined): ViewedAct[] {
  const typed = (act: ViewedAct['act']) => typedLine(act, [runId], [], command)
  if (status === 'running') return [{ act: 'cancel', command: typed('cancel') }]
  const fork: ViewedAct = { act: 'fork', command: `${typed('fork')} --from ` }
  return status === 'succeeded' ? [fork] : [{ act: 'resume', command: typed('resume') }, fork]
}
