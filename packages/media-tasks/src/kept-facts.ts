import { parseOutput } from '@track-orchestrator/registry'
import { mediaProbe, type MediaFacts } from '@track-orchestrator/registry/media'
import type { VideoTiming } from './ffmpeg/measure-video.ts'

/** What has been found out about a file in the storage, so that no later step has to look for it again. */
export interface KeptFacts {
  readonly facts: MediaFacts
  /** What the packets of one of its video streams say, and which stream that is. */
  readonly timing?: VideoTiming
  readonly stream?: number
  /** What was done to the file when it was brought in, for a person. */
  readonly notes?: readonly string[] | undefined
}

/** Where the facts of a file lie: by its key, its URL or its path. */
export const besideIt = (file: string): string => `${file}.facts.json`

/** Groups of frames whose times are kept: 10 hours with a keyframe a second. A file with more is measured again by who needs it. */
const mostGroups = 36_000
/** Bytes of text that facts come to: streams, groups, and the time of each frame. */
export const mostFactsBytes = (frames: number): number => 16 * 1_024 ** 2 + 12 * frames

/** The facts as text, with the size of their file, by which a file that was replaced is told. */
export function keptText({ facts, timing, stream, notes }: KeptFacts, sizeBytes: number): string {
  if (!timing || timing.groups.length > mostGroups) return JSON.stringify({ version, sizeBytes, facts, notes })
  const { times, ...rest } = timing
  return JSON.stringify({ version, sizeBytes, facts, notes, stream, timing: { ...rest, times: Buffer.from(times.buffer, times.byteOffset, times.byteLength).toString('base64') } })
}

const version = 1

/** What `keptText` wrote. Nothing where that was of another file, by another version of this package, or not by us at all. */
export async function parseKept(text: string, sizeBytes: number): Promise<KeptFacts | undefined> {
  try {
    const kept = JSON.parse(text) as { version?: number; sizeBytes?: number; facts?: unknown; notes?: unknown; stream?: number; timing?: Omit<VideoTiming, 'times'> & { times: string } }
    if (kept.version !== version || kept.sizeBytes !== sizeBytes) return undefined
    const facts = await parseOutput(mediaProbe, kept.facts)
    const notes = Array.isArray(kept.notes) ? kept.notes.map(String) : undefined
    if (kept.timing === undefined) return { facts, notes }
    const bytes = Buffer.from(kept.timing.times, 'base64')
    const times = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    return times.length === kept.timing.frameCount ? { facts, notes, stream: kept.stream!, timing: { ...kept.timing, times } } : undefined
  } catch {
    return undefined
  }
}

/** Whether it is the key of a file that a task of this name has put into the storage, in whichever run. */
export function isMadeBy(taskName: string, key: string | undefined): boolean {
  const [tenants, , projects, , runs, , task, file, ...more] = key?.split('/') ?? []
  return tenants === 'tenants' && projects === 'projects' && runs === 'runs' && task === taskName && file !== undefined && more.length === 0
}
