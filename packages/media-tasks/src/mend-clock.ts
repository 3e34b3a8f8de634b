import { TerminalError, TracksError } from '@track-orchestrator/registry'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { ClockRuns } from './ffmpeg/clock-runs.ts'
import type { Workspace } from './workspace.ts'

/**
 * What a container is copied into, by ffprobe's name for it: one that counts time in the same unit. In others, `setts` of some versions of
 * ffmpeg is given times in the new unit and told the old one.
 */
const muxers: Readonly<Record<string, string>> = { mpegts: 'mpegts', mpeg: 'mpegts', mov: 'mp4', ogg: 'ogg' }

/**
 * Copies a medium whose clock begins anew, once or more often, into one of a single clock: nothing is encoded, each packet is given its time
 * (ffmpeg manual, "Bitstream Filters", `setts`). Throws `media/format_refused` where this ffmpeg cannot.
 */
export async function mendClock(workspace: Workspace, path: string, { container, video }: MediaFacts, { runs, streams, durationSeconds }: ClockRuns): Promise<string> {
  const muxer = muxers[container.split(',')[0] ?? ''] ?? 'matroska'
  // Its demuxer hands on the headers of the second piece as if they were pictures.
  if (muxer === 'ogg' && video.length > 0) throw refusal('begins anew on the way, and it is a video in Ogg, of which ffmpeg reads the first piece only')
  const output = `one-clock.${muxer}`
  const copied = streams.flatMap((stream, place) => ['-map', `0:${stream}`, `-bsf:${place}`, timesOf(shiftOf(stream, runs), muxer === 'matroska')])
  // `-copyts`: else ffmpeg would mend some of it in its own way. `-copyinkf`: packets are counted, from the first. Bit-exact: the same file gives the same bytes.
  const options = ['-copyts', ...copied, '-c', 'copy', '-copyinkf', '-map_chapters', '-1', '-fflags', '+bitexact', '-f', muxer]
  await workspace.ffmpeg({ what: 'bring the file onto one clock', inputs: [{ path }], options, output }, { durationSeconds, to: 0.1 }).catch(refuse)
  return workspace.path(output)
}

export const clockNote = (breaks: number): string => `The clock of the file begins anew ${breaks === 1 ? 'once' : `${breaks} times`}: what was recorded on each was put one after the other.`

/**
 * Where a container does not tell when packets are decoded, ffmpeg's guess would move pictures that are shown out of order: instead that is a
 * second before they are shown, and after the one before.
 */
function timesOf(shift: string, guessed: boolean): string {
  const moved = `(${shift})/TB`
  if (guessed) return `setts=pts='PTS+${moved}':dts='max(PREV_OUTDTS+1,PTS-1/TB+${moved})'`
  // The last picture of an MPEG programme stream is without a time: it is shown after the one before.
  return `setts=pts='if(eq(PTS,NOPTS),PREV_OUTPTS+DTS+${moved}-PREV_OUTDTS,PTS+${moved})':dts='DTS+${moved}'`
}

/** What to add to the time of packet `N` of a stream: for each run that it is in or behind, by how much that is moved further. */
function shiftOf(stream: number, runs: ClockRuns['runs']): string {
  let before = 0
  const terms: string[] = []
  for (const { shiftSeconds, firstPackets } of runs) {
    const first = firstPackets.get(stream)
    if (first === undefined) continue
    terms.push(`gte(N,${first})*(${(shiftSeconds - before).toFixed(6)})`)
    before = shiftSeconds
  }
  return terms.join('+')
}

function refuse(error: unknown): never {
  if (!TracksError.is(error) || !/bitstream filter|setts/i.test(error.message)) throw error
  throw refusal('begins anew on the way, which this ffmpeg cannot mend: it needs 4.4 or later', error)
}

function refusal(why: string, cause?: unknown): TerminalError {
  return new TerminalError(`The clock of the file ${why}. Copy each piece into a file of its own, and join those with the concat demuxer.`, { code: 'media/format_refused', ...(cause !== undefined && { cause }) })
}
