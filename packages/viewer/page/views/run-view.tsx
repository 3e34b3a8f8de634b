import { useEffect, useMemo, useState } from 'preact/hooks'
import { criticalPath, type CriticalPath } from '../../src/model/critical-path.ts'
import { OpenRun } from '../data/open-run.ts'
import type { PageSource } from '../data/page-source.ts'
import { addressOf, go } from '../data/place.ts'
import { GraphView } from '../graph/graph-view.tsx'
import { JsonTree } from '../parts/json-tree.tsx'
import { below, costsText, duration, markOf, moment } from '../parts/words.ts'
import { Acts } from './acts.tsx'
import { Logs } from './logs.tsx'
import { ErrorView, StepPanel, Value } from './step-panel.tsx'
import { Timeline } from './timeline.tsx'

/** A run: its graph and its timeline under one selection, and what is selected. */
export function RunView({ source, runId, path }: { readonly source: PageSource; readonly runId: string; readonly path: string | undefined }) {
  const [run, setRun] = useState<OpenRun>()
  useEffect(() => {
    const opened = new OpenRun(source, runId)
    setRun(opened)
    document.title = runId
    return () => opened.close()
  }, [runId])
  if (!run || run.runId !== runId) return <p class="muted">…</p>
  const failure = run.failure.value
  if (failure && !run.details.value) return <main><p class="failure" role="alert">{failure.message} <code>{failure.code}</code></p></main>
  return <Opened run={run} path={path} />
}

function Opened({ run, path }: { readonly run: OpenRun; readonly path: string | undefined }) {
  const version = run.version.value
  const { details, outline } = { details: run.details.value, outline: run.outline.value }
  const critical = useMemo(() => (outline ? criticalPath(outline, run.model, run.until) : undefined), [version, outline, run.now.value])
  const onPath = useMemo(() => {
    const paths = new Set(critical?.steps.map((step) => step.path))
    for (const one of [...paths]) for (let end = one.lastIndexOf('/'); end > 0; end = one.lastIndexOf('/', end - 1)) paths.add(one.slice(0, end))
    return paths
  }, [critical])
  if (!details) return <p class="muted">…</p>
  const select = (to: string) => go({ at: 'run', runId: run.runId, path: to }, { replace: path !== undefined })
  const close = () => go({ at: 'run', runId: run.runId })
  return (
    <main class={path === undefined ? 'run' : 'run with-panel'}>
      <RunHead run={run} critical={critical} />
      <div class="pictures">
        <section aria-label="Graph"><GraphView run={run} selected={path} select={select} critical={onPath} /></section>
        <section aria-label="Timeline"><Timeline run={run} selected={path} select={select} critical={onPath} /></section>
        <details class="all-logs"><summary>Logs of the run ({run.model.logs.length.toLocaleString()})</summary><Logs run={run} /></details>
        <details><summary>Input of the run</summary><JsonTree value={details.payload ?? null} name="input" /></details>
        {run.model.output !== undefined && <Value run={run} title="Output of the run" reference={run.model.output} key={run.model.output} />}
      </div>
      {path !== undefined && <StepPanel run={run} path={path} close={close} />}
    </main>
  )
}

function RunHead({ run, critical }: { readonly run: OpenRun; readonly critical: CriticalPath | undefined }) {
  const details = run.details.value!
  const { status } = run
  const exportUrl = run.source.exportUrl(run.runId)
  const error = details.error ?? run.model.error
  const costs = run.model.costs ?? details.costs
  return (
    <div class="head">
      <h1><span class={`badge is-${status}`}>{markOf[status]} {status}</span> {details.name}</h1>
      <p class="muted facts-line">
        <span>{run.runId}</span> <span>{moment(details.startedAt)}</span> <span>{duration(run.until - details.startedAt)}</span> <span>tenant {details.tenantId}</span> <span>project {details.projectId}</span> {costs && <span>paid {costsText(costs)}</span>}
        {details.forkOf !== undefined && <span>a fork of <a href={addressOf({ at: 'run', runId: details.forkOf })}>{details.forkOf}</a>{details.fork?.from !== undefined && ` from ${below(details.fork.from, details.name)}`} (<a href={addressOf({ at: 'compare', before: details.forkOf, after: run.runId })}>compare</a>)</span>}
        {!run.isConnected.value && <span class="failure" role="status">The viewer is not heard: what is shown may be old.</span>}
        {exportUrl !== undefined && <a href={exportUrl} download={`run-${run.runId}.html`}>Export</a>}
      </p>
      {details.fork?.set && <details open><summary>With another input</summary><JsonTree value={details.fork.set} name="changes" /></details>}
      {error && <ErrorView error={error} />}
      <Acts run={run} />
      {critical && critical.steps.length > 0 && (
        <p class="critical-line"><strong>Critical path {duration(critical.totalMs)}</strong>: {shares(critical)}. {longest(critical, run.until)}</p>
      )}
    </div>
  )
}

function shares({ totalMs, runMs, retryMs, pauseMs, waitMs }: CriticalPath): string {
  const share = (ms: number, what: string) => (ms > totalMs / 200 ? [`${Math.round((ms / Math.max(1, totalMs)) * 100)} % ${what}`] : [])
  return [...share(runMs, 'running'), ...share(retryMs, 'waiting for the next try'), ...share(pauseMs, 'waiting for a time'), ...share(waitMs, 'waiting for a turn')].join(', ') || '0 ms'
}

function longest({ steps }: CriticalPath, until: number): string {
  const timed = steps.map((step) => ({ step, ms: (step.endedAt ?? until) - step.readyAt })).toSorted((a, b) => b.ms - a.ms)
  return `Longest: ${timed.slice(0, 3).map(({ step, ms }) => `${step.step} ${duration(ms)}`).join(', ')}.`
}
