import type { ErrorJson } from '@track-orchestrator/registry'
import { useEffect, useState } from 'preact/hooks'
import type { OpenRun } from '../data/open-run.ts'
import type { StepModel } from '../../src/model/run-model.ts'
import { JsonTree } from '../parts/json-tree.tsx'
import { addressOf } from '../data/place.ts'
import { clockTime, costsText, duration, lastOf, markOf, classOf } from '../parts/words.ts'
import { AnswerForm, ForkForm } from './acts.tsx'
import { Logs } from './logs.tsx'
import { Media } from './media.tsx'

/** Everything of one step, item, call or track. */
export function StepPanel({ run, path, close }: { readonly run: OpenRun; readonly path: string; readonly close: () => void }) {
  void run.version.value
  const step = run.model.steps.get(path)
  const track = run.model.tracks.get(path)
  const status = run.statusOf(step ?? track, path)
  const part = step ?? track
  return (
    <section id="step-panel" class="panel" tabIndex={-1} aria-label={`${lastOf(path)}, ${status}`} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <header>
        <h2><span class={`mark is-${classOf(status)}`} aria-hidden="true">{markOf[status]}</span> {lastOf(path)}</h2>
        <button type="button" class="quiet" onClick={close} aria-label="Close">✕</button>
      </header>
      <p class="muted path">{path}</p>
      <dl class="facts">
        <Fact name="Status">{status}{step?.handled && ', and the track went on'}</Fact>
        {step && <Fact name="Task">{step.taskName}</Fact>}
        {part?.startedAt !== undefined && <Fact name="Took">{duration((part.endedAt ?? run.until) - part.startedAt)}</Fact>}
        {step?.startedAt !== undefined && step.startedAt - step.readyAt > 5 && <Fact name="Waited for its turn">{duration(step.startedAt - step.readyAt)}</Fact>}
        {part?.startedAt !== undefined && <Fact name="Began">{clockTime(part.startedAt)}</Fact>}
        {part?.costs && <Fact name="Paid">{costsText(part.costs)}</Fact>}
        {step?.itemCount !== undefined && <Fact name="Items">{`${run.itemsDone(step)} of ${step.itemCount} succeeded`}</Fact>}
        {step?.progress !== undefined && status === 'running' && <Fact name="Progress">{`${Math.round(step.progress * 100)} %`}</Fact>}
        {track?.because !== undefined && <Fact name="Skipped because of">{track.because}</Fact>}
      </dl>
      {step?.asksUntil !== undefined && step.status !== 'succeeded' && run.details.value?.status !== 'succeeded' && step.error?.code !== 'approval/timed_out' && (run.details.value?.acts.length ?? 0) > 0 && <AnswerForm run={run} path={path} until={step.asksUntil} key={`answer ${path}`} />}
      {part?.error && <ErrorView error={part.error} />}
      {step && <WhyView step={step} />}
      {step && step.attempts.length > 1 && <Attempts step={step} run={run} />}
      {step && step.children.length > 0 && <Children step={step} run={run} />}
      {step?.metadata && <details open><summary>Metadata</summary><JsonTree value={step.metadata} name="metadata" /></details>}
      {step?.output !== undefined && <Value run={run} title="Output" reference={step.output} key={`out ${path} ${step.output}`} />}
      {step?.input !== undefined && <Value run={run} title="Input" reference={step.input} key={`in ${path} ${step.input}`} />}
      <details open={run.model.logs.length > 0 && (step?.logCount ?? 0) > 0}><summary>Logs</summary><Logs run={run} path={path} key={path} /></details>
      {(step ? !step.nested : path.endsWith(']')) && run.details.value?.acts.some(({ act }) => act === 'fork') && <ForkForm run={run} from={path} key={`fork ${path}`} />}
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>
}

function WhyView({ step }: { readonly step: StepModel }) {
  const { why, whyText, takenFrom, reused } = step
  if (takenFrom !== undefined) return <p class="why">Taken over from <a href={addressOf({ at: 'run', runId: takenFrom, path: step.path })}>{takenFrom}</a>: it was not run again.</p>
  if (reused) return <p class="why">Reused: it had finished before, with the same input.</p>
  if (!why) return null
  return (
    <div class="why">
      <p>Why it ran: {whyText}.</p>
      {why.reason === 'input_changed' && why.changes.length > 0 && <Changes changes={why.changes} />}
    </div>
  )
}

/** By JSON path, what was and what is. */
export function Changes({ changes }: { readonly changes: readonly { readonly path: string; readonly before?: string | undefined; readonly after?: string | undefined }[] }) {
  return (
    <table class="changes">
      <thead><tr><th scope="col">Where</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
      <tbody>{changes.map(({ path, before, after }) => <tr key={path}><th scope="row">{path || '(all of it)'}</th><td><del>{before ?? 'nothing'}</del></td><td><ins>{after ?? 'nothing'}</ins></td></tr>)}</tbody>
    </table>
  )
}

/** An error, and what caused it. */
export function ErrorView({ error }: { readonly error: ErrorJson }) {
  const { code, message, retryable, issues, cause } = error as ErrorJson & { issues?: readonly { path: readonly (string | number)[]; message: string }[]; cause?: { name?: string; message?: string } }
  return (
    <div class="error" role="group" aria-label="Error">
      <p><code>{code}</code> {!retryable && <span class="muted">not tried again</span>}</p>
      <pre>{message}</pre>
      {issues && issues.length > 0 && <ul>{issues.map((issue, index) => <li key={index}><code>{issue.path.join('.') || '(the whole)'}</code>: {issue.message}</li>)}</ul>}
      {cause && <Cause cause={cause} />}
    </div>
  )
}

function Cause({ cause }: { readonly cause: { name?: string; message?: string; cause?: unknown } }) {
  const inner = cause.cause as typeof cause | undefined
  return <div class="cause"><p class="muted">Caused by {cause.name ?? 'an error'}</p><pre>{cause.message ?? JSON.stringify(cause)}</pre>{inner && <Cause cause={inner} />}</div>
}

function Attempts({ step, run }: { readonly step: StepModel; readonly run: OpenRun }) {
  return (
    <details open>
      <summary>{step.attempts.length} attempts</summary>
      <ol class="attempts">
        {step.attempts.map(({ number, startedAt, endedAt, error, delayMs }) => (
          <li key={number} value={number}>{duration((endedAt ?? run.until) - startedAt)}{error ? <> · <code>{error.code}</code> {error.message}</> : ''}{delayMs === undefined ? '' : ` · the next after ${duration(delayMs)}`}</li>
        ))}
      </ol>
    </details>
  )
}

const mostChildren = 50

function Children({ step, run }: { readonly step: StepModel; readonly run: OpenRun }) {
  // What went wrong first: that is what somebody looks for.
  const children = step.children.toSorted((a, b) => Number(b.status === 'failed') - Number(a.status === 'failed'))
  return (
    <details open={children.some(({ status }) => status === 'failed')}>
      <summary>{step.itemCount === undefined ? `${children.length} calls inside` : `${children.length} items`}</summary>
      <ul class="children">
        {children.slice(0, mostChildren).map((child) => <li key={child.path}><a href={addressOf({ at: 'run', runId: run.runId, path: child.path })}><span aria-hidden="true">{markOf[run.statusOf(child, child.path)]}</span> {lastOf(child.path)}</a> <span class="muted">{run.statusOf(child, child.path)}{child.startedAt === undefined ? '' : `, ${duration((child.endedAt ?? run.until) - child.startedAt)}`}</span></li>)}
        {children.length > mostChildren && <li class="muted">and {children.length - mostChildren} more: open the line in the timeline</li>}
      </ul>
    </details>
  )
}

/** An input or output, fetched when it is looked at. */
export function Value({ run, title, reference }: { readonly run: OpenRun; readonly title: string; readonly reference: string }) {
  const [got, setGot] = useState<{ readonly value: unknown } | { readonly failure: string }>()
  useEffect(() => {
    let isGone = false
    void run.source.value(run.runId, reference).then((value) => isGone || setGot({ value }), (error: Error) => isGone || setGot({ failure: error.message }))
    return () => void (isGone = true)
  }, [reference])
  return (
    <details open class="value">
      <summary>{title}</summary>
      {!got ? <p class="muted">…</p> : 'failure' in got ? <p class="muted">{got.failure}</p> : <><Media run={run} reference={reference} value={got.value} /><JsonTree value={got.value} name={title.toLowerCase()} /></>}
    </details>
  )
}
