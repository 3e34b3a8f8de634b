import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { OpenRun } from '../data/open-run.ts'
import { cuesOf, isCue, parseSubtitles, type Cue } from '../parts/cues.ts'
import { lastOf } from '../parts/words.ts'
import { Waveform } from './waveform.tsx'

const kinds: Readonly<Record<string, 'audio' | 'video' | 'picture' | 'subtitles'>> = {
  ...Object.fromEntries(['mp3', 'wav', 'm4a', 'aac', 'ogg', 'opus', 'flac'].map((end) => [end, 'audio' as const])),
  ...Object.fromEntries(['mp4', 'm4v', 'mov', 'webm', 'mkv'].map((end) => [end, 'video' as const])),
  ...Object.fromEntries(['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif'].map((end) => [end, 'picture' as const])),
  srt: 'subtitles',
  vtt: 'subtitles',
}

/** Of one value: more are told, not shown. */
const mostFiles = 12

interface File {
  readonly url: string
  readonly kind: (typeof kinds)[string]
  /** What it says, where it is the sound of one cue: then the cues are not its own. */
  readonly text?: string
}

/** What a value refers to, played in place. Files lie in the run's own storage: the page may fetch nothing else. */
export function Media({ run, reference, value }: { readonly run: OpenRun; readonly reference: string; readonly value: unknown }) {
  const files = useMemo(() => filesIn(value), [value])
  const cues = useMemo(() => cuesOf(value), [value])
  const [isOpen, setOpen] = useState(false)
  if (files.length === 0) return null
  const sourceOf = (url: string) => run.source.mediaUrl(run.runId, reference, url)
  if (sourceOf(files[0]!.url) === undefined) return <p class="muted">{files.length === 1 ? 'A file is' : `${files.length} files are`} referred to; media are not in an exported page.</p>
  const shown = isOpen ? files : files.slice(0, 3)
  const subtitles = files.find(({ kind }) => kind === 'subtitles')
  return (
    <div class="media">
      {shown.map(({ url, kind, text }) => <FileView key={url} name={text === undefined ? lastOf(url) : `${lastOf(url)}: “${text}”`} kind={kind} source={sourceOf(url)!} cues={text === undefined ? cues : []} subtitles={subtitles && sourceOf(subtitles.url)} />)}
      {files.length > shown.length && <button type="button" class="quiet" onClick={() => setOpen(true)}>{files.length - shown.length} more files</button>}
    </div>
  )
}

/** Files that the value names, each once. */
function filesIn(value: unknown): File[] {
  const found = new Map<string, File>()
  const look = (inside: unknown, text?: string) => {
    if (found.size >= mostFiles) return
    if (typeof inside === 'string') {
      const kind = inside.startsWith('file://') ? kinds[inside.slice(inside.lastIndexOf('.') + 1).toLowerCase()] : undefined
      if (kind && !found.has(inside)) found.set(inside, { url: inside, kind, ...(text !== undefined && { text }) })
    } else if (typeof inside === 'object' && inside !== null) for (const child of Object.values(inside)) look(child, isCue(inside) ? inside.text : text)
  }
  look(value)
  return [...found.values()]
}

function FileView({ name, kind, source, cues, subtitles }: { readonly name: string; readonly kind: File['kind']; readonly source: string; readonly cues: readonly Cue[]; readonly subtitles: string | undefined }) {
  const [refusal, setRefusal] = useState<string>()
  // A player says only that it failed: the server says why.
  const onError = () => void fetch(source, { headers: { range: 'bytes=0-0' } }).then(async (answer) => setRefusal(answer.ok ? 'The browser cannot play it.' : ((await answer.json()) as { error?: { message?: string } }).error?.message), () => setRefusal('The viewer does not answer.'))
  if (refusal !== undefined) return <p class="muted file">{name}: {refusal}</p>
  if (kind === 'picture') return <figure><img src={source} alt={name} loading="lazy" onError={onError} /><figcaption>{name}</figcaption></figure>
  if (kind === 'subtitles') return <Subtitles name={name} source={source} />
  return kind === 'video' ? <Video name={name} source={source} cues={cues} subtitles={subtitles} onError={onError} /> : <Audio name={name} source={source} cues={cues} onError={onError} />
}

function Audio({ name, source, cues, onError }: { readonly name: string; readonly source: string; readonly cues: readonly Cue[]; readonly onError: () => void }) {
  const player = useRef<HTMLAudioElement>(null)
  return (
    <figure>
      <Waveform source={source} cues={cues} player={player} />
      <audio ref={player} controls preload="metadata" src={source} onError={onError} aria-label={name} />
      <figcaption>{name}</figcaption>
    </figure>
  )
}

function Video({ name, source, cues, subtitles, onError }: { readonly name: string; readonly source: string; readonly cues: readonly Cue[]; readonly subtitles: string | undefined; readonly onError: () => void }) {
  const player = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const video = player.current!
    let isGone = false
    const show = (shown: readonly Cue[]) => {
      if (isGone || shown.length === 0) return
      const track = video.addTextTrack('subtitles', 'Subtitles')
      // As text: markup in a cue shows as it is written.
      for (const { startSeconds, endSeconds, text } of shown) track.addCue(new VTTCue(startSeconds, endSeconds, text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')))
      track.mode = 'showing'
    }
    if (subtitles === undefined) show(cues)
    else void fetch(subtitles).then(async (answer) => show(answer.ok ? parseSubtitles(await answer.text()) : cues), () => undefined)
    return () => void (isGone = true)
  }, [source])
  return <figure><video ref={player} controls preload="metadata" src={source} onError={onError} aria-label={name} /><figcaption>{name}</figcaption></figure>
}

function Subtitles({ name, source }: { readonly name: string; readonly source: string }) {
  const [text, setText] = useState<string>()
  useEffect(() => void fetch(source).then(async (answer) => setText(answer.ok ? await answer.text() : ((await answer.json()) as { error: { message: string } }).error.message), () => undefined), [source])
  return <details><summary>{name}</summary><pre class="subtitles">{text ?? '…'}</pre></details>
}
