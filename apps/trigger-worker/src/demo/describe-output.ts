interface Known {
  readonly parts?: readonly unknown[]
  readonly segments?: readonly unknown[]
  readonly cues?: readonly unknown[]
  readonly transcript?: { readonly words: readonly unknown[] }
  readonly durationSeconds?: number
  readonly frameCount?: number
  readonly loudnessLufs?: number
  readonly files?: readonly { readonly sizeBytes: number; readonly format: string }[]
}

/** What a media task made, in a few words: `10 parts, 3.1 MB of mkv`. How long or how many pictures only where nothing else can be counted. */
export function describeOutput(output: unknown): string {
  const { parts, segments, cues, transcript, durationSeconds, frameCount, loudnessLufs, files = [] } = (output ?? {}) as Known
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const counted = (parts && `${parts.length} parts`) ?? (segments && `${segments.length} segments`) ?? (cues && `${cues.length} cues`) ?? (transcript && `${transcript.words.length} words`)
  const measured = (frameCount !== undefined && `${frameCount} frames`) || (durationSeconds !== undefined && `${durationSeconds.toFixed(1)} s`)
  return [
    counted ?? measured,
    loudnessLufs !== undefined && `${loudnessLufs.toFixed(1)} LUFS`,
    files.length > 0 && `${formatBytes(sizeBytes)} of ${[...new Set(files.map(({ format }) => format))].join(', ')}`,
  ]
    .filter(Boolean)
    .join(', ')
}

function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
