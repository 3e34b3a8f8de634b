import { useEffect, useState } from 'preact/hooks'
import { runStatuses, type RunQuery, type ViewedRun } from '../../src/model/wire.ts'
import type { PageSource } from '../data/page-source.ts'
import { addressOf, go } from '../data/place.ts'
import { costsText, duration, markOf, moment } from '../parts/words.ts'

/** How often the list is looked at anew, in milliseconds. */
const everyMs = 2_000

/** All runs: filtered, searched, live; two of them can be compared. */
export function RunsView({ source, canCompare }: { readonly source: PageSource; readonly canCompare: boolean }) {
  const [query, setQuery] = useState<RunQuery>({})
  const [runs, setRuns] = useState<readonly ViewedRun[]>()
  const [next, setNext] = useState<string>()
  const [pages, setPages] = useState(1)
  const [failure, setFailure] = useState<string>()
  const [chosen, setChosen] = useState<readonly string[]>([])

  useEffect(() => {
    document.title = 'Runs'
    let isGone = false
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      if (!document.hidden) {
        try {
          const found: ViewedRun[] = []
          let after: string | undefined
          for (let page = 0; page < pages && (page === 0 || after !== undefined); page++) {
            const answer = await source.list({ ...query, ...(after !== undefined && { after }) })
            found.push(...answer.runs)
            after = answer.next
          }
          if (isGone) return
          setRuns(found)
          setNext(after)
          setFailure(undefined)
        } catch (error) {
          if (!isGone) setFailure((error as Error).message)
        }
      }
      if (!isGone) timer = setTimeout(() => void look(), everyMs)
    }
    timer = setTimeout(() => void look(), query.text === undefined ? 0 : 150)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [query, pages])

  const ask = (change: RunQuery) => {
    setPages(1)
    setQuery({ ...query, ...change })
  }
  const showsCosts = runs?.some(({ costs }) => costs) ?? false
  const choose = (runId: string) => setChosen(chosen.includes(runId) ? chosen.filter((one) => one !== runId) : [...chosen, runId].slice(-2))
  return (
    <main class="runs">
      <div class="head">
        <h1>Runs</h1>
        <div class="bar" role="search">
          <input id="search" type="search" placeholder="Search id, name, tenant, error" aria-label="Search runs" onInput={(event) => ask({ text: event.currentTarget.value || undefined })} />
          <select aria-label="Status" onChange={(event) => ask({ status: (event.currentTarget.value || undefined) as RunQuery['status'] })}>
            <option value="">any status</option>
            {runStatuses.map((status) => <option key={status} value={status}>{status}</option>)}
          </select>
          {canCompare && <button type="button" disabled={chosen.length !== 2} onClick={() => go({ at: 'compare', before: chosen[0]!, after: chosen[1]! })}>{chosen.length === 2 ? 'Compare' : 'Compare (choose two)'}</button>}
          <span class="muted" role="status">{runs === undefined ? '' : `${runs.length}${next === undefined ? '' : '+'} ${runs.length === 1 ? 'run' : 'runs'}`}</span>
        </div>
      </div>
      {failure !== undefined && <p class="failure" role="alert">{failure}</p>}
      {runs?.length === 0 && <p class="muted">{Object.values(query).some((value) => value !== undefined) ? 'No run fits.' : 'There are no runs yet.'}</p>}
      {runs !== undefined && runs.length > 0 && (
        <table>
          <thead><tr>{canCompare && <th scope="col"><span class="visually-hidden">Compare</span></th>}<th scope="col">Status</th><th scope="col">Name</th><th scope="col">Run</th><th scope="col">Tenant</th><th scope="col">Began</th><th scope="col">Took</th>{showsCosts && <th scope="col">Paid</th>}<th scope="col">Error</th></tr></thead>
          <tbody>{runs.map((run) => <RunRow key={run.runId} run={run} canCompare={canCompare} showsCosts={showsCosts} isChosen={chosen.includes(run.runId)} choose={choose} />)}</tbody>
        </table>
      )}
      {next !== undefined && <button type="button" onClick={() => setPages(pages + 1)}>More</button>}
    </main>
  )
}

function RunRow({ run, canCompare, showsCosts, isChosen, choose }: { readonly run: ViewedRun; readonly canCompare: boolean; readonly showsCosts: boolean; readonly isChosen: boolean; readonly choose: (runId: string) => void }) {
  const { runId, name, status, tenantId, startedAt, endedAt, error, costs, forkOf } = run
  return (
    <tr>
      {canCompare && <td><input type="checkbox" checked={isChosen} onChange={() => choose(runId)} aria-label={`Compare ${runId}`} /></td>}
      <td><span class={`badge is-${status}`}>{markOf[status]} {status}</span></td>
      <td class="name"><a href={addressOf({ at: 'run', runId })}>{name}</a></td>
      <td class="id">{runId}</td>
      <td data-label="tenant">{tenantId}</td>
      <td>{moment(startedAt)}</td>
      <td>{duration((endedAt ?? (status === 'running' ? Date.now() : startedAt)) - startedAt)}</td>
      {showsCosts && <td data-label="paid">{costs && costsText(costs)}</td>}
      <td class="what">{error ? error.message : forkOf === undefined ? '' : `fork of ${forkOf}`}</td>
    </tr>
  )
}
