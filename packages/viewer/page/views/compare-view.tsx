import { useEffect, useState } from 'preact/hooks'
import type { StepDifference } from '@track-orchestrator/core/in-process'
import { emptyRun, foldEvents } from '../../src/model/fold-run.ts'
import type { RunModel, StepModel } from '../../src/model/run-model.ts'
import type { Comparison, ViewedRunDetails } from '../../src/model/wire.ts'
import type { PageSource } from '../data/page-source.ts'
import { addressOf } from '../data/place.ts'
import { below, duration, markOf } from '../parts/words.ts'
import { Changes } from './step-panel.tsx'

interface Side {
  readonly details: ViewedRunDetails
  readonly model: RunModel
}

async function readSide(source: PageSource, runId: string): Promise<Side> {
  const model = emptyRun()
  for (let after: string | undefined, more = true; more; ) {
    const page = await source.events(runId, after)
    foldEvents(model, page.events)
    after = page.next
    more = page.more
  }
  return { details: await source.run(runId), model }
}

/** Two runs side by side: their steps matched by path, differences marked. */
export function CompareView({ source, before, after }: { readonly source: PageSource; readonly before: string; readonly after: string }) {
  const [got, setGot] = useState<{ readonly sides: readonly [Side, Side]; readonly comparison: Comparison }>()
  const [failure, setFailure] = useState<string>()
  const [isOnlyDifferent, setOnlyDifferent] = useState(true)
  useEffect(() => {
    document.title = `${before} and ${after}`
    setGot(undefined)
    void Promise.all([readSide(source, before), readSide(source, after), source.compare(before, after)]).then(([a, b, comparison]) => setGot({ sides: [a, b], comparison }), (error: Error) => setFailure(error.message))
  }, [before, after])
  if (failure !== undefined) return <main><p class="failure" role="alert">{failure}</p></main>
  if (!got) return <p class="muted">…</p>
  const { sides: [a, b], comparison } = got
  const differences = new Map(comparison.steps.map((step) => [step.path, step]))
  const paths = [...new Set([...a.model.steps.keys(), ...b.model.steps.keys(), ...differences.keys()])].filter((path) => !isOnlyDifferent || differences.has(path))
  return (
    <main class="compare">
      <div class="head">
        <h1>{a.details.name}: two runs</h1>
        <p class="muted"><code>tracks diff {before} {after}</code></p>
        <label><input type="checkbox" checked={isOnlyDifferent} onChange={() => setOnlyDifferent(!isOnlyDifferent)} /> Only steps that differ ({comparison.steps.length})</label>
      </div>
      {paths.length === 0 && <p>No step differs.</p>}
      {paths.length > 0 && (
        <table>
          <thead><tr><th scope="col">Step</th><SideHead side={a} /><SideHead side={b} /></tr></thead>
          <tbody>
            {paths.slice(0, 1_000).map((path) => <Steps key={path} path={path} name={a.details.name} before={a.model.steps.get(path)} after={b.model.steps.get(path)} difference={differences.get(path)} />)}
          </tbody>
        </table>
      )}
    </main>
  )
}

function SideHead({ side: { details } }: { readonly side: Side }) {
  return <th scope="col"><a href={addressOf({ at: 'run', runId: details.runId })}>{details.runId}</a> <span class={`badge is-${details.status}`}>{markOf[details.status]} {details.status}</span></th>
}

function Steps({ path, name, before, after, difference }: { readonly path: string; readonly name: string; readonly before: StepModel | undefined; readonly after: StepModel | undefined; readonly difference: StepDifference | undefined }) {
  const { input = [], output = [], error } = difference ?? {}
  const changes = [...input.map((change) => ({ ...change, path: `input ${change.path}` })), ...output.map((change) => ({ ...change, path: `output ${change.path}` })), ...(error ? [{ path: 'error', before: error.before, after: error.after }] : [])]
  return (
    <>
      <tr class={difference ? 'differs' : ''}>
        <th scope="row">{difference && <span class="mark" title="differs">≠</span>} {below(path, name)}</th>
        <td>{stands(before)}</td>
        <td>{stands(after)}</td>
      </tr>
      {changes.length > 0 && <tr class="detail"><td colSpan={3}><Changes changes={changes} /></td></tr>}
    </>
  )
}

function stands(step: StepModel | undefined): string {
  if (!step) return 'not in this run'
  const took = step.takenFrom === undefined ? (step.endedAt === undefined || step.startedAt === undefined ? '' : duration(step.endedAt - step.startedAt)) : `taken from ${step.takenFrom}`
  return [`${markOf[step.status]} ${step.status}`, took, step.attempts.length > 1 ? `${step.attempts.length} tries` : ''].filter(Boolean).join(' · ')
}
