import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Cue } from '../parts/cues.ts'

/** Bigger files are played without a waveform: decoding holds every sample in memory. */
const mostBytes = 30_000_000
const [columns, height] = [600, 64]

interface Decoded {
  readonly seconds: number
  /** From 0 to 1, one a column. */
  readonly peaks: readonly number[]
}

/** How loud a file is over time, with its cues; a click goes there. */
export function Waveform({ source, cues, player }: { readonly source: string; readonly cues: readonly Cue[]; readonly player: RefObject<HTMLAudioElement | null> }) {
  const [decoded, setDecoded] = useState<Decoded>()
  useEffect(() => {
    const gone = new AbortController()
    void decode(source, gone.signal).then((found) => found && setDecoded(found), () => undefined) // it is played all the same
    return () => gone.abort()
  }, [source])
  if (!decoded) return null
  const { seconds, peaks } = decoded
  const middle = height / 2
  const shape = peaks.map((peak, x) => `M${x} ${(middle - peak * middle).toFixed(1)}V${(middle + Math.max(0.5, peak * middle)).toFixed(1)}`).join('')
  const seek = (event: MouseEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect()
    if (player.current) player.current.currentTime = ((event.clientX - left) / width) * seconds
  }
  return (
    <svg class="waveform" viewBox={`0 0 ${columns} ${height}`} preserveAspectRatio="none" role="img" aria-label={`Waveform, ${seconds.toFixed(1)} seconds, ${cues.length} cues`} onClick={seek}>
      {cues.map(({ startSeconds, endSeconds, text }, index) => (
        <rect key={index} class="cue" x={(startSeconds / seconds) * columns} y={0} width={Math.max(1, ((endSeconds - startSeconds) / seconds) * columns)} height={height}><title>{text}</title></rect>
      ))}
      <path d={shape} />
    </svg>
  )
}

async function decode(source: string, signal: AbortSignal): Promise<Decoded | undefined> {
  const head = await fetch(source, { method: 'HEAD', signal })
  if (!head.ok || Number(head.headers.get('content-length')) > mostBytes) return undefined
  const bytes = await (await fetch(source, { signal })).arrayBuffer()
  const audio = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(bytes)
  const samples = audio.getChannelData(0)
  const perColumn = Math.max(1, Math.floor(samples.length / columns))
  const peaks = Array.from({ length: columns }, (_, column) => {
    let peak = 0
    // Every eighth sample shows the same shape.
    for (let at = column * perColumn; at < Math.min(samples.length, (column + 1) * perColumn); at += 8) peak = Math.max(peak, Math.abs(samples[at]!))
    return Math.min(1, peak)
  })
  return { seconds: audio.duration, peaks }
}
