import { describeEvent, describeWhy, formatDuration, printable } from '@track-orchestrator/core/console'
import { costsText, redactValue } from '@track-orchestrator/registry'
import { shorten, type JournaledStep } from '@track-orchestrator/core/in-process'
import { below } from '../show/why.ts'
import { tellQuestions, withShapes } from './approve.ts'
import type { Asking } from './verb.ts'

/** A run and its steps. `logs`: with the lines that handlers wrote. */
export async function showRun({ source: open, show, load }: Asking, said: string, { logs = false }: { readonly logs?: boolean }): Promise<void> {
  const source = await open()
  const runId = await source.find(said)
  const { run: head, payload, fork, steps, events } = await source.read(runId)
  const questions = (await source.questions?.(runId)) ?? []
  const { status } = head
  const lines = events.filter((event) => event.type === 'log')
  show.value({ ...head, ...(payload !== undefined && { payload }), ...(fork && { fork }), steps, ...(questions.length > 0 && { questions: withShapes(questions, await load()) }), ...(logs && { logs: lines }) })
  const took = head.endedAt === undefined ? '' : `, ${formatDuration(head.endedAt - head.startedAt)}`
  show.heading(`${head.name}  ${runId}`)
  show.line(`${status}, began ${new Date(head.startedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC${took}${head.tenantId === '' ? '' : `, tenant ${printable(head.tenantId)}, project ${printable(head.projectId)}`}`)
  if (fork) show.line(`A fork of ${fork.runId}${fork.from === undefined ? '' : `, from ${below(fork.from, head.name)}`}${fork.set ? `, with ${Object.entries(redactValue(fork.set) as object).map(([path, value]) => `${path} = ${shorten(value)}`).join(', ')}` : ''}`)
  if (payload !== undefined) show.line(`Input: ${shorten(payload, show.width * 2)}`)
  if (head.costs) show.line(`Paid: ${costsText(head.costs)}`)
  show.line()
  const costs = costsBelow(steps)
  const paid = (cell: string) => (costs.size > 0 ? [cell] : [])
  show.table(
    [{ head: 'Step', wraps: true }, { head: 'Status', tells: true }, { head: 'Took' }, { head: 'Tries' }, ...(costs.size > 0 ? [{ head: 'Paid', wraps: true }] : []), { head: 'Why, or what went wrong', wraps: true }],
    byTrack(steps.filter(({ nested }) => !nested)).map((step) => [
      below(step.path, head.name),
      statusOf(step, status === 'interrupted' || head.endedAt !== undefined),
      step.takenFrom !== undefined ? 'taken' : step.endedAt === undefined ? '' : formatDuration(step.endedAt - step.startedAt),
      String(step.attempts || ''),
      ...paid(costsText(costs.get(step.path) ?? {})),
      step.error?.message ?? (step.metadata?.['timedOut'] === true ? 'nobody answered in time' : step.takenFrom !== undefined ? `from ${step.takenFrom}` : step.why ? describeWhy(step.why) : ''),
    ]),
  )
  const skipped = steps.filter(({ nested }) => nested).length
  if (skipped > 0) show.line(`${skipped} calls inside steps are not shown: --json`)
  if (head.error && status !== 'cancelled') show.line(`\nIt failed: ${printable(head.error.message)} [${head.error.code}]`)
  if (logs) {
    show.line()
    for (const event of lines) show.line(`${new Date(event.at).toISOString().slice(11, 19)}  ${describeEvent(event, 'debug')}`)
  }
  if (logs && source.name === 'trigger') show.line('\nTrigger.dev keeps the lines of handlers in its dashboard.')
  if (questions.length > 0) tellQuestions(show, runId, head.name, questions, await load())
  if (status !== 'failed' && status !== 'cancelled' && status !== 'interrupted') return
  if (source.name === 'journal') show.typed('\nWhat going on with it would do:', show.command('resume', [runId], ['--plan']))
  if (source.name === 'trigger') show.typed('\nGo on with it:', show.command('resume', [runId], ['--engine', 'trigger']))
}

/** `isOver`: nothing of the run goes on. */
function statusOf({ status, error }: JournaledStep, isOver: boolean): string {
  if (status === 'running' && isOver) return 'interrupted'
  return error?.code === 'cancelled' ? 'cancelled' : status
}

/** What each step has paid, by its path. */
const costsBelow = (steps: readonly JournaledStep[]) => new Map(steps.flatMap(({ path, costs }) => (costs ? [[path, costs] as const] : [])))

/** What a track did stands together: tracks go on side by side. */
function byTrack(steps: readonly JournaledStep[]): JournaledStep[] {
  const trackOf = ({ path }: JournaledStep) => path.slice(0, path.lastIndexOf('/'))
  const tracks = [...new Set(steps.map(trackOf))]
  return tracks.flatMap((track) => steps.filter((step) => trackOf(step) === track))
}
