import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { bufferWindow, type ByteSource } from './file-window.ts'
import { visitBoxes, type BoxBudget, type IsoBox } from './iso-boxes.ts'

/** What an MP4 or QuickTime file says of itself, as far as it must be known before ffprobe believes it. */
export interface IsoClaims {
  /** Where the last box at the top says it ends. Absent where what follows is no box. */
  readonly end?: number
  /** Its samples lie in other files, as it says. */
  readonly isReference: boolean
  /** Of what it claims more than can be true, or than is taken on: `40,000,000 samples in 575 bytes`. */
  readonly tooMuch?: string
}

export interface IsoClaimLimits {
  /** Samples (pictures, packets) of one track. */
  readonly samples: number
}

/** Boxes in one file: as many as a recording of 12 hours has that begins a fragment with every other picture. */
const mostBoxes = 2_000_000
/** A compressed index (QuickTime File Format, "Compressed Movie Resources"), as it lies there and as it comes out. */
const mostPacked = 16 * 1_024 ** 2
const mostUnpacked = 64 * 1_024 ** 2
/** ffmpeg itself goes no deeper. */
const deepest = 12

const unpack = promisify(inflate)
/** Boxes that hold boxes, wherever they stand: ffmpeg looks into them in any place. */
const containers: ReadonlySet<string> = new Set(['moov', 'mdia', 'minf', 'dinf', 'stbl', 'edts', 'mvex', 'moof', 'traf', 'udta', 'wave', 'cmov'])

/** Boxes that say how much there is, or where it is. */
const told: ReadonlySet<string> = new Set(['dref', 'hdlr', 'stsz', 'stz2', 'stts', 'stsc', 'stco', 'co64', 'trun'])

/** What has been found of a track so far. */
interface Track {
  /** Its samples are sound of fixed size, of which ffmpeg keeps no list (a single run of samples that last one tick each). */
  isPcm: boolean
  isSound: boolean
  samples: number
  chunks: number
  /** How many samples are in each chunk, as they are listed. */
  runs?: { readonly source: ByteSource; readonly box: IsoBox }
}

/** Sound packs so many samples into a byte at most, roughly: MACE 6:1 does 6. */
const samplesPerByte = 64

/** Looks at the boxes of the file that say how much there is, and at those that lead elsewhere: never at media. */
export async function readIsoClaims(file: ByteSource, limits: IsoClaimLimits): Promise<IsoClaims> {
  const budget: BoxBudget = { left: mostBoxes }
  let isReference = false
  let tooMuch: string | undefined
  let fragmentSamples = 0
  const refuse = (what: string) => void (tooMuch ??= what)
  const tracks: Track[] = []

  const number = async (source: ByteSource, at: number) => (await source.read(at, 4)).readUInt32BE(0)
  const walk = async (source: ByteSource, start: number, end: number, depth: number, track?: Track): Promise<number> => {
    const last = await visitBoxes(source, start, Math.min(end, source.size), budget, (box) => {
      if (tooMuch !== undefined) return false
      if (box.type === 'rmra') isReference = true
      else if (box.type === 'cmvd') return walkPacked(source, box, depth)
      else if (box.type === 'trak' && depth < deepest) return walkTrack(source, box, depth)
      else if (containers.has(box.type) && depth < deepest) return walk(source, box.start, box.end, depth + 1, track)
      else if (told.has(box.type)) return look(source, box, track ?? lone)
      return undefined
    })
    if (budget.left < 0) refuse(`more than ${mostBoxes.toLocaleString('en')} boxes`)
    return last
  }
  const walkTrack = async (source: ByteSource, { start, end }: IsoBox, depth: number) => {
    const track = newTrack()
    await walk(source, start, end, depth + 1, track)
    await judge(track)
  }
  const newTrack = (): Track => {
    const track: Track = { isPcm: false, isSound: false, samples: 0, chunks: 0 }
    tracks.push(track)
    return track
  }
  /** For boxes that stand outside of any track, where ffmpeg reads them all the same. */
  const lone = newTrack()

  const look = async (source: ByteSource, box: IsoBox, track: Track) => {
    const { type, start, end } = box
    if (type === 'dref') {
      if (await leadsElsewhere(source, start, end, budget)) isReference = true
    } else if (type === 'hdlr') {
      track.isSound = (await source.read(start + 8, 4)).toString('latin1') === 'soun'
    } else if (type === 'stsz' || type === 'stz2') {
      track.samples = Math.max(track.samples, await number(source, start + 8))
    } else if (type === 'stts') {
      track.isPcm = (await number(source, start + 4)) === 1 && (await number(source, start + 12)) === 1
    } else if (type === 'stsc') {
      track.runs = { source, box }
    } else if (type === 'stco' || type === 'co64') {
      track.chunks = Math.max(track.chunks, await number(source, start + 4))
    } else if (type === 'trun') {
      fragmentSamples += await number(source, start + 4)
      judgeCount(fragmentSamples, limits.samples * Math.max(1, tracks.length - 1))
    }
  }
  const judge = async (track: Track) => {
    if (!track.isSound || !track.isPcm) return judgeCount(track.samples, limits.samples)
    const samples = await samplesInChunks(track, budget)
    if (samples > file.size * samplesPerByte) refuse(`${samples.toLocaleString('en')} samples in ${file.size.toLocaleString('en')} bytes`)
  }
  /** A sample has a byte at least, in the file or in a table of sizes. */
  const judgeCount = (samples: number, most: number) => {
    if (samples > file.size) refuse(`${samples.toLocaleString('en')} samples in ${file.size.toLocaleString('en')} bytes`)
    else if (samples > most) refuse(`${samples.toLocaleString('en')} samples, and the limit here is ${most.toLocaleString('en')}`)
  }

  const walkPacked = async (source: ByteSource, { start, end }: IsoBox, depth: number) => {
    const length = Math.min(end, source.size) - start - 4
    const claimed = await number(source, start)
    if (length > mostPacked || claimed > mostUnpacked) {
      refuse(`a compressed index of ${Math.max(claimed, length).toLocaleString('en')} bytes`)
      return
    }
    const pieces: Buffer[] = []
    for (let at = 0; at < length; at += 65_536) pieces.push(Buffer.from(await source.read(start + 4 + at, Math.min(65_536, length - at))))
    const unpacked = await unpack(Buffer.concat(pieces), { maxOutputLength: mostUnpacked }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') refuse(`a compressed index of more than ${mostUnpacked.toLocaleString('en')} bytes`)
      return Buffer.alloc(0) // damaged: ffprobe will tell
    })
    await walk(bufferWindow(unpacked), 0, unpacked.length, depth + 1)
  }

  const last = await walk(file, 0, file.size, 0)
  await judge(lone)
  return { isReference, ...(last + 8 > file.size && { end: last }), ...(tooMuch !== undefined && { tooMuch }) }
}

/** A version, flags and a count; then entries, each with flags of its own, of which the lowest bit says "in this same file" (section 8.7.2). */
async function leadsElsewhere(source: ByteSource, start: number, end: number, budget: BoxBudget): Promise<boolean> {
  let leads = false
  await visitBoxes(source, start + 8, Math.min(end, source.size), budget, async (entry) => {
    leads ||= ((await source.read(entry.start, 4)).readUInt32BE(0) & 1) === 0 && entry.end - entry.start > 5
  })
  return leads
}

/** Of sound in samples of fixed size, ffmpeg lists the chunks: entries of a first chunk, samples in each from there on, and a description (section 8.7.4). */
async function samplesInChunks({ runs, chunks }: Track, budget: BoxBudget): Promise<number> {
  if (!runs) return 0
  const { source, box } = runs
  const entry = async (index: number) => {
    const at = box.start + 8 + 12 * index
    const bytes = await source.read(at, 8)
    return { first: bytes.readUInt32BE(0), samples: bytes.readUInt32BE(4) }
  }
  const count = Math.min((await source.read(box.start + 4, 4)).readUInt32BE(0), Math.floor((box.end - box.start - 8) / 12), Math.max(0, budget.left))
  budget.left -= count
  let sum = 0
  for (let index = 0; index < count; index++) {
    const { first, samples } = await entry(index)
    const next = index + 1 < count ? (await entry(index + 1)).first : chunks + 1
    sum += Math.max(0, next - first) * samples
  }
  return sum
}
