import { useMemo, useState } from 'preact/hooks'
import type { LogLine } from '../../src/model/run-model.ts'
import type { OpenRun } from '../data/open-run.ts'
import { JsonTree } from '../parts/json-tree.tsx'
import { VirtualList } from '../parts/virtual-list.tsx'
import { clockTime, lastOf } from '../parts/words.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

/** What handlers wrote: of the whole run, or of one step and what is inside it. */
export function Logs({ run, path }: { readonly run: OpenRun; readonly path?: string | undefined }) {
  const version = run.version.value
  const [search, setSearch] = useState('')
  const [least, setLeast] = useState<(typeof levels)[number]>('debug')
  const [chosen, setChosen] = useState<LogLine>()
  const lines = useMemo(() => {
    const words = search.trim().toLowerCase()
    const from = levels.indexOf(least)
    return run.model.logs.filter((line) => (path === undefined || isIn(line.path, path)) && levels.indexOf(line.level) >= from && (words === '' || line.message.toLowerCase().includes(words) || line.path?.toLowerCase().includes(words)))
  }, [version, search, least, path])
  const at = chosen ? lines.indexOf(chosen) : -1
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    setChosen(lines[Math.max(0, Math.min(lines.length - 1, at + by))])
  }
  return (
    <div class="logs">
      <div class="bar">
        <input type="search" placeholder="Search logs" aria-label="Search logs" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        <select aria-label="Least level" value={least} onChange={(event) => setLeast(event.currentTarget.value as typeof least)}>
          {levels.map((level) => <option key={level} value={level}>{level}{level === 'error' ? '' : ' and above'}</option>)}
        </select>
        <span class="muted" role="status">{lines.length.toLocaleString()} lines</span>
      </div>
      {lines.length === 0 ? <p class="muted">No lines.</p> : (
        <VirtualList
          count={lines.length}
          rowHeight={22}
          followsEnd={run.status === 'running'}
          shownIndex={at}
          class="lines"
          attributes={{ role: 'listbox', tabIndex: 0, 'aria-label': 'Log lines', 'aria-activedescendant': at >= 0 ? `line-${at}` : undefined, onKeyDown }}
          row={(index) => {
            const line = lines[index]!
            return (
              <div key={index} id={`line-${index}`} role="option" aria-selected={line === chosen} class={`line level-${line.level} ${line === chosen ? 'selected' : ''}`} onClick={() => setChosen(line)}>
                <time>{clockTime(line.at)}</time> <span class="level">{line.level}</span> {path === undefined && line.path !== undefined && <span class="where">{lastOf(line.path)}</span>} <span class="said">{line.message}</span>
              </div>
            )
          }}
        />
      )}
      {chosen && (
        <div class="chosen">
          <p class="muted">{clockTime(chosen.at)} · {chosen.level}{chosen.path === undefined ? '' : ` · ${chosen.path}`}</p>
          <pre>{chosen.message}</pre>
          {chosen.fields && Object.keys(chosen.fields).length > 0 && <JsonTree value={chosen.fields} name="fields" />}
        </div>
      )}
    </div>
  )
}

const isIn = (of: string | undefined, path: string): boolean => of !== undefined && of.startsWith(path) && (of.length === path.length || of[path.length] === '/' || of[path.length] === '[')
