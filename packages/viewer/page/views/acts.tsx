import { useState } from 'preact/hooks'
import { typedLine } from '../../src/model/typed-line.ts'
import type { ActRequest } from '../../src/model/wire.ts'
import type { OpenRun } from '../data/open-run.ts'
import { go } from '../data/place.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { moment } from '../parts/words.ts'

/** Asks for an act, and goes to the run that came of it. Gives what went wrong. */
async function ask(run: OpenRun, request: ActRequest): Promise<string | undefined> {
  try {
    const { runId } = await run.source.act(run.runId, request)
    if (runId !== run.runId) go({ at: 'run', runId })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What can be done with the run, each with the command that does the same. */
export function Acts({ run }: { readonly run: OpenRun }) {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const acts = (run.details.value?.acts ?? []).filter(({ act }) => act !== 'fork')
  if (acts.length === 0) return null
  const names = { resume: 'Resume', cancel: 'Cancel', fork: 'Fork' }
  return (
    <div class="acts">
      {acts.map(({ act, command }) => (
        <span key={act} class="act">
          <button type="button" disabled={busy} onClick={() => { setBusy(true); void ask(run, { act }).then((why) => { setFailure(why); setBusy(false) }) }}>{names[act]}</button>
          <code>{command}</code> <CopyButton text={() => command} label="Copy" />
        </span>
      ))}
      {failure !== undefined && <p class="failure" role="alert">{failure}</p>}
    </div>
  )
}

/** `path = value`, one a line; what is no JSON is a text. */
export function parseSet(text: string): Readonly<Record<string, unknown>> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf('=')
    if (at <= 0) throw new Error(`"${line.trim()}" says nothing: write path = value.`)
    return [line.slice(0, at).trim(), jsonOrText(line.slice(at + 1).trim())]
  }))
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A new run from this step on, with another input if somebody likes. */
export function ForkForm({ run, from }: { readonly run: OpenRun; readonly from: string }) {
  const [text, setText] = useState('')
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  const set = text.split('\n').flatMap((line) => (line.includes('=') ? ['--set', line.replace(/\s*=\s*/, '=').trim()] : []))
  const command = typedLine('fork', [run.runId], ['--from', from, ...set], run.details.value?.command)
  const fork = async () => {
    setBusy(true)
    try {
      const given = parseSet(text)
      setFailure(await ask(run, { act: 'fork', from, ...(Object.keys(given).length > 0 && { set: given }) }))
    } catch (error) {
      setFailure((error as Error).message)
    }
    setBusy(false)
  }
  return (
    <details class="fork">
      <summary>Fork from here</summary>
      <p class="muted">A new run takes over what came before, and does everything from this step on anew. This run stays as it is.</p>
      <label>Another input, one change a line: <code>path = value</code>
        <textarea rows={3} value={text} placeholder="segments[3].text = Hello" onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="act"><button type="button" disabled={busy} onClick={() => void fork()}>Fork</button> <code>{command}</code> <CopyButton text={() => command} label="Copy" /></div>
      {failure !== undefined && <p class="failure" role="alert">{failure}</p>}
    </details>
  )
}

/** Answers what the step asks for: JSON, or a text. */
export function AnswerForm({ run, path, until }: { readonly run: OpenRun; readonly path: string; readonly until: number }) {
  const [text, setText] = useState('true')
  const [told, setTold] = useState<string>()
  const [busy, setBusy] = useState(false)
  const command = typedLine('approve', [run.runId, path, text], [], run.details.value?.command)
  const answer = async () => {
    setBusy(true)
    const failure = await ask(run, { act: 'answer', step: path, value: jsonOrText(text) })
    setTold(failure ?? (run.status === 'running' ? 'Answered.' : 'Answered: resume the run, and it goes on with it.'))
    setBusy(false)
  }
  return (
    <div class="fork">
      <label>It asks for an answer until {moment(until)}: <code>true</code>, <code>false</code>, or what its schema wants, as JSON
        <textarea rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="act"><button type="button" disabled={busy} onClick={() => void answer()}>Answer</button> <code>{command}</code> <CopyButton text={() => command} label="Copy" /></div>
      {told !== undefined && <p class="muted" role="status">{told}</p>}
    </div>
  )
}
