import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../media-limits.ts'
import { readFileShape } from './file-shape.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-shape-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function shapeOf(...parts: (Buffer | string | readonly number[])[]) {
  const path = join(folder, 'file')
  await writeFile(path, Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))))
  return readFileShape(path, { limits: defaultLimits })
}

/** A box that says it has so many bytes, and holds so many of them. */
function box(type: string, length: number, present = length, sixtyFour = false): Buffer {
  const head = Buffer.alloc(sixtyFour ? 16 : 8)
  head.writeUInt32BE(sixtyFour ? 1 : length)
  head.write(type, 4, 'latin1')
  if (sixtyFour) head.writeBigUInt64BE(BigInt(length), 8)
  return Buffer.concat([head, Buffer.alloc(Math.max(0, present - head.length))])
}
const ebml = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 1, 2, 3, 4]
const segment = [0x18, 0x53, 0x80, 0x67]

test('Whole files are not short of anything', async () => {
  expect(await shapeOf(box('ftyp', 24), box('moov', 100), box('mdat', 1_000))).toEqual({})
  expect(await shapeOf(box('ftyp', 24), box('mdat', 1_000, 1_000, true), box('moov', 100))).toEqual({})
  expect(await shapeOf(ebml, segment, [0x40, 100], Buffer.alloc(100))).toEqual({})
})

test('A file that ends before its container does lacks that many bytes', async () => {
  expect(await shapeOf(box('ftyp', 24), box('mdat', 1_000, 600))).toEqual({ missingBytes: 400 })
  expect(await shapeOf(box('ftyp', 24), box('mdat', 2 ** 33, 600, true))).toEqual({ missingBytes: 2 ** 33 - 600 })
  expect(await shapeOf(ebml, segment, [0x40, 100], Buffer.alloc(30))).toEqual({ missingBytes: 70 })
  expect(await shapeOf(ebml, segment, [0x01, 0, 0, 0, 0, 0, 1, 0], Buffer.alloc(56))).toEqual({ missingBytes: 200 })
})

test('A container that leaves its length open lacks nothing', async () => {
  expect(await shapeOf(box('ftyp', 24), box('mdat', 0, 600))).toEqual({})
  expect(await shapeOf(ebml, segment, [0xff], Buffer.alloc(30))).toEqual({})
  expect(await shapeOf(ebml, segment, [0x01, 255, 255, 255, 255, 255, 255, 255], Buffer.alloc(30))).toEqual({})
})

test.each([
  ['an HLS playlist', '#EXTM3U\n#EXT-X-VERSION:3'],
  ['an HLS playlist', '\u00ef\u00bb\u00bf\n  #EXTM3U'],
  ['an ffmpeg concat list', 'ffconcat version 1.0\nfile a'],
  ['a playlist in XML', '<?xml version="1.0"?><!-- x --><MPD>'],
  ['a session description', 'v=0\r\no=- 0 0 IN IP4 127.0.0.1'],
])('%s is told by how it begins', async (playlist, text) => {
  expect(await shapeOf(text)).toEqual({ playlist })
})

test('Anything else passes on to ffprobe', async () => {
  for (const content of ['', 'x', 'RIFF1234WAVE', [0x1a, 0x45, 0xdf, 0xa3], [0x1a, 0x45, 0xdf, 0xa3, 0x00], [0, 0, 0, 4, 0x66, 0x74, 0x79, 0x70]]) {
    expect(await shapeOf(content)).toEqual({})
  }
})
