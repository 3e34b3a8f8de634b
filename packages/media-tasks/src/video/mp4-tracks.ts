import type { Packet } from '../ffmpeg/packets.ts'
import { readIndexOf } from './mp4-index.ts'

/** A track of an MP4 of our own making, as its index lists it. */
export interface Mp4Track {
  readonly kind: 'picture' | 'sound' | 'other'
  /** In the order of the file, with the times at which they are shown. */
  readonly packets: () => Generator<Packet>
  /** When what is shown of it ends. Infinity: with its last packet. */
  readonly endSeconds: number
}

/** A box: where what it holds begins and ends. */
interface Box {
  readonly type: string
  readonly from: number
  readonly to: number
}

const kinds: Readonly<Record<string, Mp4Track['kind']>> = { vide: 'picture', soun: 'sound' }

/**
 * What ffprobe would list of the packets of an MP4, from the index that ffmpeg has written before: of the file's media, nothing is read.
 * For our own files only: nothing bounds what a stranger's could claim. Undefined where the index is not of the usual kind (fragments,
 * several edits, more than 64 MiB). Boxes and their fields: ISO/IEC 14496-12 sections 8.3 to 8.7.
 */
export async function readMp4Tracks(path: string): Promise<readonly Mp4Track[] | undefined> {
  const index = await readIndexOf(path)
  if (!index) return undefined
  const moov = { type: 'moov', from: 8, to: index.length }
  const movie = find(index, moov, 'mvhd')
  if (!movie || find(index, moov, 'mvex')) return undefined
  const ticksOfMovie = timescaleOf(index, movie)
  const tracks: Mp4Track[] = []
  for (const trak of boxesIn(index, moov)) {
    if (trak.type !== 'trak') continue
    const track = readTrack(index, trak, ticksOfMovie)
    if (!track) return undefined
    tracks.push(track)
  }
  return tracks
}

function readTrack(index: Buffer, trak: Box, ticksOfMovie: number): Mp4Track | undefined {
  const header = find(index, trak, 'mdia', 'mdhd')
  const handler = find(index, trak, 'mdia', 'hdlr')
  const edit = readEdit(index, find(index, trak, 'edts', 'elst'))
  const table = (type: string) => find(index, trak, 'mdia', 'minf', 'stbl', type)
  const [sizes, durations] = [table('stsz'), table('stts')]
  if (!header || !handler || !edit || !sizes || !durations) return undefined
  const ticks = timescaleOf(index, header)
  const count = index.readUInt32BE(sizes.from + 8)
  const keys = readKeys(index, table('stss'))
  const [offsets, lengths] = [runs(index, table('ctts'), count, true), runs(index, durations, count, false)]
  const end = edit.duration === 0 ? Infinity : edit.start + Math.round((edit.duration * ticks) / ticksOfMovie)
  const waitSeconds = edit.waits / ticksOfMovie
  return {
    kind: kinds[index.toString('latin1', handler.from + 8, handler.from + 12)] ?? 'other',
    endSeconds: waitSeconds + (end - edit.start) / ticks,
    *packets() {
      let decoded = 0
      for (let place = 0; place < count; place++) {
        const shown = decoded + (offsets[place] ?? 0)
        const length = lengths[place] ?? 0
        yield {
          ptsSeconds: (shown - edit.start) / ticks + waitSeconds,
          durationSeconds: length / ticks,
          isKey: !keys || keys.has(place + 1),
          isCutOff: shown < edit.start || shown >= end,
        }
        decoded += length
      }
    },
  }
}

/** One value for each sample, of a list of runs. */
function runs(index: Buffer, box: Box | undefined, count: number, signed: boolean): Int32Array {
  const values = new Int32Array(count)
  if (!box) return values
  const entries = index.readUInt32BE(box.from + 4)
  let place = 0
  for (let entry = 0; entry < entries; entry++) {
    const at = box.from + 8 + entry * 8
    const value = signed ? index.readInt32BE(at + 4) : index.readUInt32BE(at + 4)
    const next = Math.min(count, place + index.readUInt32BE(at))
    values.fill(value, place, next)
    place = next
  }
  return values
}

/** Numbers of the samples, from 1, where decoding can begin. Undefined: everywhere. */
function readKeys(index: Buffer, box: Box | undefined): Set<number> | undefined {
  if (!box) return undefined
  return new Set(Array.from({ length: index.readUInt32BE(box.from + 4) }, (_, entry) => index.readUInt32BE(box.from + 8 + entry * 4)))
}

interface Edit {
  /** What is shown begins here, in ticks of the track. */
  readonly start: number
  /** How much of it is shown, in ticks of the movie; 0 for all. */
  readonly duration: number
  /** How long nothing is shown before, in ticks of the movie. */
  readonly waits: number
}

/** The one piece of the track that is shown, and when. Nothing where there are several. */
function readEdit(index: Buffer, box: Box | undefined): Edit | undefined {
  if (!box) return { start: 0, duration: 0, waits: 0 }
  const isLong = index[box.from] === 1
  const size = isLong ? 20 : 12
  let edit: Edit | undefined
  let waits = 0
  for (let entry = 0; entry < index.readUInt32BE(box.from + 4); entry++) {
    const at = box.from + 8 + entry * size
    const duration = isLong ? Number(index.readBigUInt64BE(at)) : index.readUInt32BE(at)
    const start = isLong ? Number(index.readBigInt64BE(at + 8)) : index.readInt32BE(at + 4)
    if (edit) return undefined
    if (start === -1) waits += duration
    else edit = { start, duration, waits }
  }
  return edit
}

function timescaleOf(index: Buffer, header: Box): number {
  return index.readUInt32BE(header.from + (index[header.from] === 1 ? 20 : 12))
}

function find(index: Buffer, outer: Box, ...path: readonly string[]): Box | undefined {
  let box: Box | undefined = outer
  for (const type of path) {
    const within: Box | undefined = box
    box = within && boxesIn(index, within).find((each) => each.type === type)
  }
  return box
}

function boxesIn(index: Buffer, { from, to }: Box): Box[] {
  const boxes: Box[] = []
  for (let at = from; at + 8 <= to; ) {
    const length = index.readUInt32BE(at)
    if (length < 8 || at + length > to) break
    boxes.push({ type: index.toString('latin1', at + 4, at + 8), from: at + 8, to: at + length })
    at += length
  }
  return boxes
}
