import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { box, isoFragment, isoMovie, isoTrack, movieExtends, packedMovie, uint32, zeros } from './iso-file.ts'
import { makeClip } from './make-clip.ts'

/** A file that means harm, and the codes one of which its refusal must have. */
export interface HostileFile {
  readonly name: string
  readonly codes: readonly string[]
  readonly bytes: Buffer
}

export interface HostileFilesOptions {
  readonly ffmpeg: Ffmpeg
  /** Where honest files may be made first. */
  readonly at: (name: string) => string
  /** A local file that must not be read. */
  readonly secretPath: string
  /** A local server that must not be asked: `http://127.0.0.1:1234`. */
  readonly privateOrigin: string
}

const refused = ['media/format_refused']
const noMedium = ['media/format_refused', 'media/not_media']
const tooLarge = ['media/too_large']

/** Makes files of many kinds which would have ffmpeg read other files, ask other servers, or take more than there is. */
export async function makeHostileFiles({ ffmpeg, at, secretPath, privateOrigin }: HostileFilesOptions): Promise<HostileFile[]> {
  const files: HostileFile[] = []
  const add = (name: string, codes: readonly string[], content: string | Buffer) => files.push({ name, codes, bytes: Buffer.from(content) })
  const secretUrl = `file://${secretPath}`
  const hls = (target: string) => `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${target}\n#EXT-X-ENDLIST\n`

  add('an HLS playlist of a local file', refused, hls(secretPath))
  add('an HLS playlist of a private server', refused, hls(`${privateOrigin}/a.ts`))
  add('an HLS playlist with a byte order mark', refused, `\u{FEFF}${hls(secretUrl)}`)
  add('an HLS playlist after blank lines', refused, `\r\n\t \n${hls(secretUrl)}`)
  add('an HLS playlist after much white space', noMedium, `${' '.repeat(2_000)}\n${hls(secretUrl)}`)
  add('an HLS playlist whose key is a local file', refused, `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${secretUrl}"\n#EXTINF:1,\n${privateOrigin}/a.ts\n`)
  add('an HLS playlist whose first segment is a local file', refused, `#EXTM3U\n#EXT-X-MAP:URI="${secretUrl}"\n#EXTINF:1,\nconcat:${secretPath}|${secretPath}\n`)
  add('an HLS playlist behind an ID3 tag', noMedium, Buffer.concat([id3(Buffer.from('x')), Buffer.from(hls(secretUrl))]))
  add('an ffconcat list with an absolute path', refused, `ffconcat version 1.0\nfile '${secretPath}'\n`)
  add('an ffconcat list of a private server', refused, `ffconcat version 1.0\nfile '${privateOrigin}/a.mp4'\n`)
  add('an ffconcat list that climbs', refused, `ffconcat version 1.0\nfile ../../../../../..${secretPath}\noption safe 0\n`)
  add('a DASH manifest', refused, `<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>${secretUrl}</BaseURL></Period></MPD>`)
  add('a DASH manifest behind a comment', refused, `<?xml version="1.0"?><!-- video --><MPD><BaseURL>${privateOrigin}/</BaseURL></MPD>`)
  add('a smooth streaming manifest', refused, `<SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="${secretUrl}"/></SmoothStreamingMedia>`)
  add('a SMIL presentation', refused, `<smil xmlns="http://www.w3.org/ns/SMIL"><body><video src="${secretUrl}"/></body></smil>`)
  add('a cinema composition', refused, `<?xml version="1.0"?><AssetMap><ChunkList><Path>${secretPath}</Path></ChunkList></AssetMap>`)
  add('a session description', refused, `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n`)
  add('a Winamp playlist', refused, `[playlist]\nFile1=${secretUrl}\nNumberOfEntries=1\n`)
  add('a Windows Media playlist', noMedium, `<asx version="3.0"><entry><ref href="${privateOrigin}/a.mp4"/></entry></asx>`)
  add('an XSPF playlist', noMedium, `<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><trackList><track><location>${secretUrl}</location></track></trackList></playlist>`)
  add('a RealMedia redirection', noMedium, `rtsp://127.0.0.1:${new URL(privateOrigin).port}/a.rm\n`)
  add('QuickTime text that redirects', noMedium, `RTSPtextRTSP://127.0.0.1/a.mov\n`)
  add('an AviSynth script', noMedium, `FFmpegSource2("${secretPath}")\n`)
  add('a VapourSynth script', noMedium, `import vapoursynth as vs\nvs.core.ffms2.Source("${secretPath}").set_output()\n`)
  add('a filter graph', noMedium, `movie=${secretPath}\n`)
  add('ffmpeg metadata', noMedium, `;FFMETADATA1\ntitle=${secretPath}\n`)
  add('SRT subtitles', noMedium, `1\n00:00:00,000 --> 00:00:01,000\n<img src="${secretUrl}">\n`)
  add('ASS subtitles with a font of another file', noMedium, `[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: ${secretPath}\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,x\n`)
  add('WebVTT subtitles with a style from elsewhere', noMedium, `WEBVTT\n\nSTYLE\n@import url(${privateOrigin}/a.css);\n\n00:00.000 --> 00:01.000\nx\n`)
  add('VobSub subtitles, whose pictures lie in another file', noMedium, `# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n`)
  add('SAMI subtitles', noMedium, `<SAMI><BODY><SYNC Start=0><P><img src="${secretUrl}"></SYNC></BODY></SAMI>`)
  add('an SVG picture that includes a file', noMedium, `<svg xmlns="http://www.w3.org/2000/svg"><image href="${secretUrl}"/></svg>`)
  add('a web page', noMedium, `<!doctype html><video src="${secretUrl}"></video>`)
  add('XML with an external entity', noMedium, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "${secretUrl}">]><MPD>&e;</MPD>`)
  add('a GIF', noMedium, Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'))
  add('a gzip bomb', noMedium, gzipSync(Buffer.alloc(20_000_000)))
  add('a shell script', noMedium, `#!/bin/sh\ncat ${secretPath}\n`)
  add('an empty file', ['media/empty'], '')

  add('a QuickTime movie whose samples lie in another file (alias)', refused, referenceMovie('alis', aliasTo(secretPath)))
  add('a QuickTime movie whose samples lie on a server', refused, referenceMovie('url ', Buffer.from(`${privateOrigin}/a.mp4\0`)))
  add('a QuickTime reference movie', refused, box('moov', box('rmra', box('rmda', box('rdrf', Buffer.concat([uint32(0), Buffer.from('url '), uint32(privateOrigin.length + 1), Buffer.from(`${privateOrigin}\0`)]))))))

  const run = (args: readonly string[]) => {
    const { status, stderr } = spawnSync(ffmpeg.ffmpegPath, ['-nostdin', '-v', 'error', '-y', ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`A hostile file could not be made: ${stderr}`)
  }
  const made = async (args: readonly string[], name: string) => {
    run([...args, at(name)])
    return readFile(at(name))
  }
  await makeClip(ffmpeg, at('honest.webm'), { durationSeconds: 1, videoCodec: 'vp8' })
  const honest = await readFile(at('honest.webm'))
  const soundOnly = ['-i', at('honest.webm'), '-map', '0:a:0', '-c', 'copy']

  const many = 40_000_000
  add('an MP4 that claims 40,000,000 samples', tooLarge, isoMovie([isoTrack({ samples: many })]))
  add('an MP4 of ten tracks that claim 40,000,000 samples each', tooLarge, isoMovie(Array.from({ length: 10 }, () => isoTrack({ samples: many }))))
  add('an MP4 that claims a table of 40,000,000 sizes', tooLarge, isoMovie([isoTrack({ stsz: box('stsz', zeros(4), uint32(0, many), zeros(40)) })]))
  add('an MP4 that claims 40,000,000 compact sizes', tooLarge, isoMovie([isoTrack({ stsz: box('stz2', zeros(4), uint32(8, many), zeros(40)) })]))
  add('an MP4 whose claim stands where no table belongs', tooLarge, isoMovie([isoTrack({ samples: 1, more: box('udta', box('stsz', zeros(4), uint32(1, many))) })]))
  add('a fragment that claims 40,000,000 samples', tooLarge, isoMovie([isoTrack({ samples: 0 }), movieExtends], isoFragment(many)))
  add('a thousand fragments that claim 40,000 samples each', tooLarge, isoMovie([isoTrack({ samples: 0 }), movieExtends], Buffer.concat(Array.from({ length: 1_000 }, () => isoFragment(40_000)))))
  add('sound of which each chunk claims 1,000,000 samples', tooLarge, isoMovie([isoTrack({ handler: 'soun', stsc: box('stsc', zeros(4), uint32(1, 1, 1_000_000, 1)), stco: box('stco', zeros(4), uint32(60_000), zeros(240_000)) })]))
  add('a compressed index that claims 900 MB', tooLarge, packedMovie([isoTrack()], 900_000_000))
  add('a compressed index that becomes 100 MB', tooLarge, packedMovie([isoTrack(), box('udta', zeros(100_000_000))]))
  add('a compressed index that claims 40,000,000 samples', tooLarge, packedMovie([isoTrack({ samples: many })]))
  add('an MP4 of 2,500,000 empty boxes', tooLarge, isoMovie([isoTrack()], Buffer.alloc(20_000_000, box('free'))))
  add('boxes nested 5,000 deep', ['media/not_media'], isoMovie([nested(5_000)]))
  add('a WAV whose description claims 2 GB', [...tooLarge, 'media/not_media'], wavChunk('bext', 0x7ffffff0))
  add('an AVI whose stream name claims 2 GB', [...tooLarge, 'media/not_media'], aviWithName(0x7ffffff0))
  add('Matroska whose private data claim 250 MB', ['media/not_media', 'media/truncated'], matroskaClaim('63a2', 250_000_000))
  add('a header that says 65,535 × 65,535', tooLarge, hugeRawVideo())
  add('a length of 30 years in the header', ['media/too_long'], patched(honest, Buffer.from('448988', 'hex'), 3, float64(1e12)))
  add('a Matroska file of 120 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 120 }, () => ['-map', '0:a:0']).flat(), '-c', 'copy'], 'many.mkv'))
  add('an MP4 of 120 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 120 }, () => ['-map', '0:a:0']).flat(), '-c:a', 'copy', '-strict', '-2'], 'many.mp4'))
  add('a Matroska file of 80 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 80 }, () => ['-map', '0:a:0']).flat(), '-c', 'copy'], 'several.mkv'))
  add('2,000 pictures a second', tooLarge, await made(['-f', 'lavfi', '-i', 'color=s=16x16:r=2000:d=1', '-f', 'lavfi', '-i', 'sine=d=1', '-vsync', 'passthrough', '-c:v', 'mpeg4'], 'fast.mkv'))
  add('a codec that nobody publishes with', [...refused, 'media/no_audio'], await made(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'flv1'], 'flv1.mkv'))
  add('a container that is not listed', refused, await made(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'msmpeg4v3'], 'old.asf'))
  add('a WAV of 60,000 channels', [...tooLarge, 'media/not_media'], wav({ channels: 60_000, sampleRateHz: 48_000 }))
  add('a WAV of 4,000,000,000 samples a second', [...tooLarge, 'media/not_media'], wav({ channels: 1, sampleRateHz: 4_000_000_000 }))
  add('tags of 20 MB', tooLarge, Buffer.concat([id3(Buffer.alloc(20_000_000, 'x')), await made([...soundOnly.slice(0, 4), '-c:a', 'libmp3lame'], 'sound.mp3')]))
  add('half a video', ['media/truncated'], honest.subarray(0, honest.length / 2))
  return files
}

/** A VP8 file whose pictures themselves, not its header, say another size (RFC 6386 section 9.1). */
export function withPictureSize(vp8: Buffer, width: number, height: number): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(width, 0)
  size.writeUInt16LE(height, 2)
  return patched(vp8, Buffer.from('9d012a', 'hex'), 3, size)
}

/** A copy with other bytes behind each place where the mark stands. */
function patched(bytes: Buffer, mark: Buffer, offset: number, value: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  if (!copy.includes(mark)) throw new Error(`There is no ${mark.toString('hex')} to patch`)
  for (let at = copy.indexOf(mark); at >= 0; at = copy.indexOf(mark, at + 1)) value.copy(copy, at + offset)
  return copy
}

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

/** A movie of one video track, all of whose samples are said to lie elsewhere (ISO/IEC 14496-12 section 8.7.2; QuickTime File Format, "Data References"). */
function referenceMovie(type: 'alis' | 'url ', target: Buffer): Buffer {
  return isoMovie([isoTrack({ dref: box('dref', zeros(4), uint32(1), box(type, uint32(0), target)) })])
}

function nested(depth: number): Buffer {
  let inner = zeros(8)
  for (let level = 0; level < depth; level++) inner = box('udta', inner)
  return inner
}

/** A Macintosh alias to an absolute path, as far as ffmpeg reads one. */
function aliasTo(path: string): Buffer {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const record = Buffer.alloc(150)
  record.writeUInt16BE(2, 6) // version
  record.write('disk', 11, 'latin1')
  record[50] = name.length
  record.write(name.slice(0, 63), 51, 'latin1')
  record.writeInt16BE(-1, 130) // nlvlFrom: absolute
  record.writeInt16BE(-1, 132)
  const named = (kind: number, text: string) => {
    const bytes = Buffer.from(text)
    const head = Buffer.alloc(4)
    head.writeInt16BE(kind, 0)
    head.writeUInt16BE(bytes.length, 2)
    return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)])
  }
  return Buffer.concat([record, named(2, path.replaceAll('/', ':')), named(18, path), named(-1, '')])
}

/** An EBML element (RFC 8794), its length in 4 bytes. */
function element(id: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from(id, 'hex'), uint32(0x10000000 | body.length), body])
}

const matroskaHead = element('1a45dfa3', element('4282', Buffer.from('matroska')), element('4287', uint32(4)), element('4285', uint32(2)))
const matroskaInfo = element('1549a966', element('2ad7b1', uint32(1_000_000)), element('4489', float64(1_000)), element('4d80', Buffer.from('x')), element('5741', Buffer.from('x')))

/** Matroska with one uncompressed video track, as far as its header (RFC 9559). */
function hugeRawVideo(): Buffer {
  const video = element('e0', element('b0', uint32(65_535)), element('ba', uint32(65_535)), element('2eb524', Buffer.from('I420')))
  const track = element('ae', element('d7', uint32(1)), element('73c5', uint32(1)), element('83', Buffer.from([1])), element('86', Buffer.from('V_UNCOMPRESSED')), video)
  const cluster = element('1f43b675', element('e7', uint32(0)), element('a3', Buffer.from([0x81, 0, 0, 0x80]), Buffer.alloc(1_000)))
  return Buffer.concat([matroskaHead, element('18538067', matroskaInfo, element('1654ae6b', track), cluster)])
}

/** Matroska of open length, in whose track an element says that it is so long. */
function matroskaClaim(id: string, bytes: number): Buffer {
  const open = (name: string) => Buffer.from(`${name}01ffffffffffffff`, 'hex')
  const track = Buffer.concat([element('d7', Buffer.from([1])), element('83', Buffer.from([1])), element('86', Buffer.from('V_VP8')), Buffer.from(id, 'hex'), uint32(0x10000000 | bytes)])
  return Buffer.concat([matroskaHead, open('18538067'), matroskaInfo, open('1654ae6b'), open('ae'), track, zeros(100)])
}

function chunk(name: string, bytes: number, ...content: Buffer[]): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 0, 'latin1')
  head.writeUInt32LE(bytes, 4)
  return Buffer.concat([head, ...content])
}

/** A WAV file with a chunk before its sound that says it is so long. */
function wavChunk(name: string, bytes: number): Buffer {
  const whole = wav({ channels: 1, sampleRateHz: 8_000 })
  return Buffer.concat([whole.subarray(0, 36), chunk(name, bytes), whole.subarray(36)])
}

/** An AVI file whose one stream has a name that says it is so long. */
function aviWithName(bytes: number): Buffer {
  const numbers = (...values: number[]) => uint32(...values).swap32()
  const avih = chunk('avih', 56, numbers(40_000, 0, 0, 16, 1, 0, 1, 0, 64, 64, 0, 0, 0, 0))
  const strh = chunk('strh', 56, Buffer.from('vidsXVID'), numbers(0, 0, 0, 1, 25, 0, 1, 0, 0, 0, 0, 0))
  const strf = chunk('strf', 40, numbers(40, 64, 64, 24 << 16 | 1), Buffer.from('XVID'), numbers(12_288, 0, 0, 0, 0))
  const strl = Buffer.concat([Buffer.from('strl'), strh, strf, chunk('strn', bytes)])
  const hdrl = Buffer.concat([Buffer.from('hdrl'), avih, chunk('LIST', strl.length, strl)])
  const movi = Buffer.concat([Buffer.from('movi'), chunk('00dc', 100, zeros(100))])
  return chunk('RIFF', 0xfffffff0, Buffer.from('AVI '), chunk('LIST', hdrl.length, hdrl), chunk('LIST', movi.length, movi))
}

function wav({ channels, sampleRateHz }: { channels: number; sampleRateHz: number }): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + 240_000, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(sampleRateHz, 24)
  head.writeUInt32LE(Math.min(0xffffffff, sampleRateHz * channels * 2), 28)
  head.writeUInt16LE((channels * 2) & 0xffff, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(240_000, 40)
  return Buffer.concat([head, Buffer.alloc(240_000)])
}

/** An ID3v2.3 tag with one comment frame. */
function id3(text: Buffer): Buffer {
  const frame = Buffer.concat([Buffer.from('TXXX'), uint32(text.length + 3), Buffer.alloc(2), Buffer.from([0]), Buffer.from('a\0'), text])
  const size = frame.length
  return Buffer.concat([Buffer.from('ID3\x03\0\0', 'latin1'), Buffer.from([size >> 21, size >> 14, size >> 7, size].map((byte) => byte & 0x7f)), frame])
}
