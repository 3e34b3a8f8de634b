import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
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

  add('a header that says 65,535 × 65,535', tooLarge, hugeRawVideo())
  add('a length of 30 years in the header', ['media/too_long'], patched(honest, Buffer.from('448988', 'hex'), 3, float64(1e12)))
  add('a Matroska file of 120 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 120 }, () => ['-map', '0:a:0']).flat(), '-c', 'copy'], 'many.mkv'))
  add('an MP4 of 120 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 120 }, () => ['-map', '0:a:0']).flat(), '-c:a', 'copy', '-strict', '-2'], 'many.mp4'))
  add('a Matroska file of 80 streams', tooLarge, await made(['-i', at('honest.webm'), ...Array.from({ length: 80 }, () => ['-map', '0:a:0']).flat(), '-c', 'copy'], 'several.mkv'))
  add('2,000 pictures a second', tooLarge, await made(['-f', 'lavfi', '-i', 'color=s=16x16:r=2000:d=1', '-f', 'lavfi', '-i', 'sine=d=1', '-vsync', 'passthrough', '-c:v', 'mpeg4'], 'fast.mkv'))
  add('a codec that nobody publishes with', refused, await made(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'flv1'], 'flv1.mkv'))
  add('a container that is not listed', refused, await made(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'flv1'], 'old.flv'))
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

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

/** ISO/IEC 14496-12 section 4.2. */
function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

/** A movie of one video track, all of whose samples are said to lie elsewhere (ISO/IEC 14496-12 section 8.7.2; QuickTime File Format, "Data References"). */
function referenceMovie(type: 'alis' | 'url ', target: Buffer): Buffer {
  const zeros = (count: number) => Buffer.alloc(count)
  const matrix = Buffer.concat([uint32(0x10000), zeros(12), uint32(0x10000), zeros(12), uint32(0x40000000)])
  const mvhd = box('mvhd', zeros(12), uint32(1_000), uint32(1_000), uint32(0x10000), zeros(12), matrix, zeros(24), uint32(2))
  const tkhd = box('tkhd', uint32(3), zeros(8), uint32(1), zeros(4), uint32(1_000), zeros(16), matrix, uint32(64 << 16), uint32(64 << 16))
  const mdhd = box('mdhd', zeros(12), uint32(1_000), uint32(1_000), zeros(4))
  const hdlr = box('hdlr', zeros(4), Buffer.from('mhlrvide'), zeros(13))
  const dinf = box('dinf', box('dref', zeros(4), uint32(1), box(type, uint32(0), target)))
  const entry = box('raw ', zeros(6), Buffer.from([0, 1]), zeros(16), Buffer.from([0, 64, 0, 64]), uint32(0x480000), uint32(0x480000), zeros(4), Buffer.from([0, 1]), zeros(32), Buffer.from([0, 24, 0xff, 0xff]))
  const tables = [
    box('stsd', zeros(4), uint32(1), entry),
    box('stts', zeros(4), uint32(1), uint32(1), uint32(1_000)),
    box('stsc', zeros(4), uint32(1), uint32(1), uint32(1), uint32(1)),
    box('stsz', zeros(4), uint32(64 * 64 * 3), uint32(1)),
    box('stco', zeros(4), uint32(1), uint32(0)),
  ]
  const minf = box('minf', box('vmhd', uint32(1), zeros(8)), dinf, box('stbl', ...tables))
  return Buffer.concat([box('ftyp', Buffer.from('qt  '), zeros(4), Buffer.from('qt  ')), box('moov', mvhd, box('trak', tkhd, box('mdia', mdhd, hdlr, minf)))])
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

/** Matroska with one uncompressed video track, as far as its header (RFC 9559). */
function hugeRawVideo(): Buffer {
  const element = (id: string, ...content: Buffer[]) => {
    const body = Buffer.concat(content)
    return Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([0x10 | (body.length >> 24), body.length >> 16, body.length >> 8, body.length].map((byte) => byte & 0xff)), body])
  }
  const number = (value: number) => uint32(value)
  const video = element('e0', element('b0', number(65_535)), element('ba', number(65_535)), element('2eb524', Buffer.from('I420')))
  const track = element('ae', element('d7', number(1)), element('73c5', number(1)), element('83', Buffer.from([1])), element('86', Buffer.from('V_UNCOMPRESSED')), video)
  const info = element('1549a966', element('2ad7b1', number(1_000_000)), element('4489', float64(1_000)), element('4d80', Buffer.from('x')), element('5741', Buffer.from('x')))
  const cluster = element('1f43b675', element('e7', number(0)), element('a3', Buffer.from([0x81, 0, 0, 0x80]), Buffer.alloc(1_000)))
  const head = element('1a45dfa3', element('4282', Buffer.from('matroska')), element('4287', number(4)), element('4285', number(2)))
  return Buffer.concat([head, element('18538067', info, element('1654ae6b', track), cluster)])
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
