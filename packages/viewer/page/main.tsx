import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ViewerInfo } from '../src/model/wire.ts'
import { exportedSource } from './data/exported-source.ts'
import { serverSource, type PageSource } from './data/page-source.ts'
import { addressOf, go, place } from './data/place.ts'
import { moment } from './parts/words.ts'
import { CompareView } from './views/compare-view.tsx'
import { RunView } from './views/run-view.tsx'
import { RunsView } from './views/runs-view.tsx'

function App({ source }: { readonly source: PageSource }) {
  const [info, setInfo] = useState<ViewerInfo>()
  useEffect(() => void source.info().then(setInfo, () => undefined), [])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null
      if (event.key !== '/' || isTyping) return
      event.preventDefault()
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  const at = place.value
  const { exported } = source
  if (exported && at.at !== 'run') return null
  return (
    <>
      <nav aria-label="Where you are">
        {exported ? <span>One run, exported {moment(exported.exportedAt)}</span> : <a href={addressOf({ at: 'runs' })}>Runs</a>}
        {at.at === 'run' && !exported && <><span aria-hidden="true">/</span><span class="here">{at.runId}</span></>}
        <span class="source">{exported ? '' : info?.source}</span>
      </nav>
      {at.at === 'runs' && <RunsView source={source} canCompare={info?.canCompare ?? false} />}
      {at.at === 'run' && <RunView source={source} runId={at.runId} path={at.path} />}
      {at.at === 'compare' && <CompareView source={source} before={at.before} after={at.after} />}
    </>
  )
}

const source = (await exportedSource()) ?? serverSource
if (source.exported && place.peek().at !== 'run') go({ at: 'run', runId: source.exported.runId }, { replace: true })
render(<App source={source} />, document.querySelector('#app')!)
