import { TerminalError } from '@track-orchestrator/registry'
import type { Ffmpeg } from './ffmpeg.ts'
import { streamFfprobe, type FfprobeOptions } from './run-ffprobe.ts'

/** A packet of picture or sound, as far as its time goes. */
export interface ClockPacket {
  /** Place of its stream among all of the file. */
  readonly stream: number
  readonly kind: 'video' | 'audio'
  /** When it is decoded, or where that is not known, and of keyframes and sound, when it is shown; `NaN` where neither is known. */
  readonly seconds: number
  /** When it is shown; `NaN` where the container does not say. */
  readonly ptsSeconds: number
  readonly durationSeconds: number
}

/** What was recorded on one clock: a file has several where recordings were joined by their bytes, or where what sent it began anew. */
export interface ClockRun {
  /** What is to be added to its times, so that it begins where the one before ends. 0 for the first. */
  readonly shiftSeconds: number
  /** By stream: how many of its packets lie before the run. */
  readonly firstPackets: ReadonlyMap<number, number>
}

export interface ClockRuns {
  readonly runs: readonly ClockRun[]
  /** The streams that have packets with times, in the order of the file. */
  readonly streams: readonly number[]
  /** From the first picture or sound to the end of the last, on one clock. */
  readonly durationSeconds: number
}

export interface ClockOptions {
  /** The container tells when packets are decoded; else ffprobe guesses that, wrongly where the clock begins anew. Default true. */
  readonly tellsDecoding?: boolean
  /** A gap in all streams together that is longer is the beginning of another clock, in seconds. Default: none is, however long. */
  readonly longestGapSeconds?: number
}

/** By so much, in seconds, a container's times may go back without meaning anything, and what begins may lie over what ends. */
export const clockSlackSeconds = 0.1
/** What a stream goes on with after no longer than this is still its own clock, in seconds. */
const ownGapSeconds = 1
/** Packets of one clock lie this near to each other in a file, in seconds. */
const interleavedSeconds = 10
/** More than a recorder that begins anew every minute would make in 16 hours. */
const mostRuns = 1_000

/** Reads all packets of a file and finds out where its clock begins anew. Throws `media/format_refused` where that is all the time. */
export async function readClockRuns(ffmpeg: Ffmpeg, path: string, options: FfprobeOptions & ClockOptions): Promise<ClockRuns | undefined> {
  return findClockRuns(readClockPackets(ffmpeg, path, options), options)
}

async function* readClockPackets(ffmpeg: Ffmpeg, path: string, options: FfprobeOptions & ClockOptions): AsyncGenerator<ClockPacket> {
  const show = ['-show_entries', 'packet=codec_type,stream_index,pts_time,dts_time,duration_time,flags']
  for await (const line of streamFfprobe(ffmpeg, { path, show, what: 'read the clock' }, options)) {
    const [kind, stream = '', pts = '', dts = '', duration = '', flags = ''] = line.split(',')
    if (kind !== 'video' && kind !== 'audio') continue
    const [ptsSeconds, dtsSeconds] = [Number(pts || Number.NaN), options.tellsDecoding === false ? Number.NaN : Number(dts || Number.NaN)]
    const isInOrder = kind === 'audio' || flags.includes('K')
    yield { stream: Number(stream), kind, ptsSeconds, seconds: Number.isNaN(dtsSeconds) && isInOrder ? ptsSeconds : dtsSeconds, durationSeconds: Number(duration) || 0 }
  }
}

/** Of packets in the order of the file. Nothing where none has a time. */
export async function findClockRuns(packets: AsyncIterable<ClockPacket> | Iterable<ClockPacket>, { longestGapSeconds = Infinity }: ClockOptions = {}): Promise<ClockRuns | undefined> {
  const streams = new Map<number, StreamClock>()
  const runs: Run[] = []
  for await (const packet of packets) {
    const { seconds, stream } = packet
    const own = streams.get(stream) ?? { run: Math.max(0, runs.length - 1), lastSeconds: Number.NaN, packets: 0 }
    if (!Number.isNaN(seconds)) {
      own.run = runOf(runs, own, seconds, longestGapSeconds)
      own.lastSeconds = seconds
    }
    streams.set(stream, own)
    if (Number.isNaN(packet.ptsSeconds)) runs[own.run]?.lengthen(packet)
    else (runs[own.run] ??= newRun()).add(packet, own.packets)
    own.packets++
  }
  return runs.length === 0 ? undefined : joined(runs)
}

interface StreamClock {
  run: number
  lastSeconds: number
  packets: number
}

/** Which clock a packet belongs to: its stream's own, one that another stream has begun already, or a new one. */
function runOf(runs: Run[], { run, lastSeconds }: StreamClock, seconds: number, longestGapSeconds: number): number {
  const latest = runs.length - 1
  const step = seconds - lastSeconds
  const goesOn = step >= -clockSlackSeconds && step <= ownGapSeconds
  if (latest < 0 || goesOn || (Number.isNaN(lastSeconds) && run === latest)) return run
  for (let next = run + 1; next <= latest; next++) {
    if (runs[next]!.isNear(seconds)) return next
  }
  const goesBack = step < -clockSlackSeconds
  const isLeap = run === latest && seconds > runs[latest]!.lastSeconds + longestGapSeconds
  if (!goesBack && !isLeap) return run
  if (runs.length >= mostRuns) {
    throw new TerminalError(`The clock of the file begins anew more than ${mostRuns} times. Encode it once more with the program that made it, or join its pieces with ffmpeg's concat demuxer.`, { code: 'media/format_refused' })
  }
  runs.push(newRun())
  return runs.length - 1
}

interface Extent {
  readonly kind: ClockPacket['kind']
  readonly firstPacket: number
  start: number
  end: number
}

class Run {
  readonly extents = new Map<number, Extent>()
  lastSeconds = -Infinity

  add({ stream, kind, seconds, ptsSeconds, durationSeconds }: ClockPacket, firstPacket: number): void {
    const extent = this.extents.get(stream) ?? { kind, firstPacket, start: ptsSeconds, end: ptsSeconds }
    extent.start = Math.min(extent.start, ptsSeconds)
    extent.end = Math.max(extent.end, ptsSeconds + durationSeconds)
    this.extents.set(stream, extent)
    this.lastSeconds = Math.max(this.lastSeconds, Number.isNaN(seconds) ? ptsSeconds : seconds)
  }

  /** By a packet of which is not known when it is shown: in MPEG programme streams, the last one. */
  lengthen({ stream, durationSeconds }: ClockPacket): void {
    const extent = this.extents.get(stream)
    if (extent) extent.end += durationSeconds
  }

  isNear(seconds: number): boolean {
    const start = Math.min(...[...this.extents.values()].map((extent) => extent.start))
    return seconds >= start - interleavedSeconds && seconds <= this.lastSeconds + interleavedSeconds
  }
}
const newRun = (): Run => new Run()

/** Lays the runs one after the other: the picture without a seam, unless the sound before it lasts longer. */
function joined(runs: readonly Run[]): ClockRuns {
  const ends = new Map<number, number>()
  let [start, end] = [Infinity, -Infinity]
  const laid = runs.map(({ extents }, place): ClockRun => {
    const each = [...extents]
    const shifts = each.flatMap(([stream, extent]) => (ends.has(stream) ? [{ kind: extent.kind, seconds: ends.get(stream)! - extent.start }] : []))
    const least = Math.max(...(shifts.length > 0 ? shifts.map(({ seconds }) => seconds) : [end - Math.min(...each.map(([, extent]) => extent.start))]))
    const seamless = shifts.find(({ kind, seconds }) => kind === 'video' && least - seconds <= clockSlackSeconds)?.seconds
    const shiftSeconds = place === 0 ? 0 : (seamless ?? least)
    for (const [stream, extent] of each) {
      ends.set(stream, extent.end + shiftSeconds)
      start = Math.min(start, extent.start + shiftSeconds)
      end = Math.max(end, extent.end + shiftSeconds)
    }
    return { shiftSeconds, firstPackets: new Map(each.map(([stream, { firstPacket }]) => [stream, firstPacket])) }
  })
  const streams = new Set(runs.flatMap(({ extents }) => [...extents.keys()]))
  return { runs: laid, streams: [...streams].toSorted((a, b) => a - b), durationSeconds: end - start }
}
