import { deflateSync } from 'node:zlib'

/** A number in 4 bytes, as boxes hold it. */
export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [place, value] of values.entries()) bytes.writeUInt32BE(value, 4 * place)
  return bytes
}

export const zeros = (count: number): Buffer => Buffer.alloc(count)

/** ISO/IEC 14496-12 section 4.2. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

/** What a made track says of itself. Whole boxes where another is wanted than the usual one. */
export interface IsoTrackOptions {
  /** Default `vide`. */
  readonly handler?: 'vide' | 'soun'
  /** Default 1, of one byte each. */
  readonly samples?: number
  readonly stts?: Buffer
  readonly stsz?: Buffer
  readonly stsc?: Buffer
  readonly stco?: Buffer
  /** Default: one that says "in this same file". */
  readonly dref?: Buffer
  /** Further boxes of the sample table. */
  readonly more?: Buffer
}

const matrix = Buffer.concat([uint32(0x10000), zeros(12), uint32(0x10000), zeros(12), uint32(0x40000000)])

/** A track of one picture, or of sound, as far as its headers; where its samples lie is left open. */
export function isoTrack(options: IsoTrackOptions = {}): Buffer {
  const { handler = 'vide', samples = 1, more = zeros(0) } = options
  const tkhd = box('tkhd', uint32(3), zeros(8), uint32(1), zeros(4), uint32(1_000), zeros(16), matrix, uint32(64 << 16, 64 << 16))
  const mdhd = box('mdhd', zeros(12), uint32(1_000, 1_000), zeros(4))
  const hdlr = box('hdlr', zeros(4), Buffer.from(`mhlr${handler}`), zeros(13))
  const dinf = box('dinf', options.dref ?? box('dref', zeros(4), uint32(1), box('url ', uint32(1))))
  const picture = box('mp4v', zeros(6), Buffer.from([0, 1]), zeros(16), Buffer.from([0, 64, 0, 64]), uint32(0x480000, 0x480000), zeros(4), Buffer.from([0, 1]), zeros(32), Buffer.from([0, 24, 0xff, 0xff]))
  const sound = box('sowt', zeros(6), Buffer.from([0, 1]), zeros(8), Buffer.from([0, 1, 0, 16]), zeros(4), uint32(8_000 << 16))
  const tables = [
    box('stsd', zeros(4), uint32(1), handler === 'vide' ? picture : sound),
    options.stts ?? box('stts', zeros(4), uint32(1, samples, handler === 'vide' ? 1_000 : 1)),
    options.stsc ?? box('stsc', zeros(4), uint32(1, 1, samples, 1)),
    options.stsz ?? box('stsz', zeros(4), uint32(1, samples)),
    options.stco ?? box('stco', zeros(4), uint32(1, 40)),
    more,
  ]
  const head = handler === 'vide' ? box('vmhd', uint32(1), zeros(8)) : box('smhd', zeros(8))
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', head, dinf, box('stbl', ...tables))))
}

/** A movie of these tracks (and other boxes); `after` follows it. */
export function isoMovie(tracks: readonly Buffer[], after: Buffer = zeros(0)): Buffer {
  return Buffer.concat([box('ftyp', Buffer.from('qt  '), zeros(4), Buffer.from('qt  ')), moovOf(tracks), after])
}

function moovOf(tracks: readonly Buffer[]): Buffer {
  return box('moov', box('mvhd', zeros(12), uint32(1_000, 1_000, 0x10000), zeros(12), matrix, zeros(24), uint32(2)), ...tracks)
}

/** A movie whose index is compressed, and says how long it is (QuickTime File Format, "Compressed Movie Resources"). */
export function packedMovie(tracks: readonly Buffer[], claimedBytes?: number): Buffer {
  const moov = moovOf(tracks)
  const cmvd = box('cmvd', uint32(claimedBytes ?? moov.length), deflateSync(moov, { level: 9 }))
  return Buffer.concat([box('ftyp', Buffer.from('qt  '), zeros(4), Buffer.from('qt  ')), box('moov', box('cmov', box('dcom', Buffer.from('zlib')), cmvd))])
}

/** A fragment whose run of samples takes no byte for each of them (section 8.8.8). */
export function isoFragment(samples: number): Buffer {
  return box('moof', box('mfhd', zeros(4), uint32(1)), box('traf', box('tfhd', zeros(4), uint32(1)), box('trun', zeros(4), uint32(samples))))
}

/** What makes a movie a fragmented one, to stand beside its tracks. */
export const movieExtends = box('mvex', box('trex', zeros(4), uint32(1, 1, 1_000, 1, 0)))
