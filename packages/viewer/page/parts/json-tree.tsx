import { useMemo, useState } from 'preact/hooks'
import { CopyButton } from './copy-button.tsx'

/** Children of one value that are shown at once. */
const mostChildren = 100
const longestText = 400

/** A value as a tree: folded, searchable, copied whole. */
export function JsonTree({ value, name }: { readonly value: unknown; readonly name: string }) {
  const [search, setSearch] = useState('')
  const found = useMemo(() => (search.trim() === '' ? undefined : pathsWith(value, search.trim().toLowerCase())), [value, search])
  const isBig = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  return (
    <div class="json">
      <div class="bar">
        {isBig && <input type="search" placeholder={`Search ${name}`} aria-label={`Search ${name}`} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />}
        {found && <span class="muted" role="status">{found.hits === 0 ? 'nothing found' : `${found.hits} found`}</span>}
        <CopyButton label="Copy JSON" text={() => JSON.stringify(value, undefined, 2)} />
      </div>
      <Node value={value} label={undefined} path="" depth={0} found={found} />
    </div>
  )
}

interface Found {
  readonly hits: number
  /** Of values that hold a hit, and of hits. */
  readonly paths: ReadonlySet<string>
  readonly words: string
}

/** Looks through at most so many values: a search answers while somebody types. */
const mostSearched = 200_000

function pathsWith(value: unknown, words: string): Found {
  const paths = new Set<string>()
  let [hits, left] = [0, mostSearched]
  const look = (inside: unknown, path: string, key: string): boolean => {
    if (--left < 0) return false
    let holds = key.toLowerCase().includes(words)
    if (typeof inside === 'object' && inside !== null) {
      if (holds) hits++
      for (const [name, child] of Object.entries(inside)) if (look(child, `${path}/${name}`, Array.isArray(inside) ? '' : name)) holds = true
    } else {
      holds ||= String(inside).toLowerCase().includes(words)
      if (holds) hits++
    }
    if (holds) paths.add(path)
    return holds
  }
  look(value, '', '')
  return { hits, paths, words }
}

interface NodeProps {
  readonly value: unknown
  readonly label: string | undefined
  readonly path: string
  readonly depth: number
  readonly found: Found | undefined
}

function Node({ value, label, path, depth, found }: NodeProps) {
  const [turned, setTurned] = useState(false)
  const [most, setMost] = useState(mostChildren)
  const key = label === undefined ? null : <span class="key">{label}: </span>
  if (typeof value !== 'object' || value === null) return <div class={`leaf ${found?.paths.has(path) ? 'hit' : ''}`}>{key}<Leaf value={value} /></div>
  const entries = Object.entries(value)
  const isList = Array.isArray(value)
  const ends = isList ? '[]' : '{}'
  if (entries.length === 0) return <div class="leaf">{key}<span class="muted">{ends}</span></div>
  const shown = found ? entries.filter(([name]) => found.paths.has(`${path}/${name}`)) : entries
  const isOpen = found ? found.paths.has(path) !== turned : (depth < 1 || (depth < 2 && entries.length <= 8)) !== turned
  return (
    <div class="branch">
      <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setTurned(!turned)}>
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {key}<span class="muted">{ends[0]}{isOpen ? '' : `…${ends[1]}`} {entries.length} {isList ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'key' : 'keys'}</span>
      </button>
      {isOpen && (
        <div class="inside">
          {shown.slice(0, most).map(([name, child]) => <Node key={name} value={child} label={isList ? `[${name}]` : name} path={`${path}/${name}`} depth={depth + 1} found={found} />)}
          {shown.length > most && <button type="button" class="quiet" onClick={() => setMost(most * 5)}>{shown.length - most} more</button>}
        </div>
      )}
    </div>
  )
}

function Leaf({ value }: { readonly value: unknown }) {
  const [isWhole, setWhole] = useState(false)
  if (typeof value !== 'string') return <span class="plain">{String(value)}</span>
  if (value.length <= longestText || isWhole) return <span class="text">{JSON.stringify(value)}</span>
  return <span class="text">{JSON.stringify(value.slice(0, longestText))}… <button type="button" class="quiet" onClick={() => setWhole(true)}>all {value.length} characters</button></span>
}
