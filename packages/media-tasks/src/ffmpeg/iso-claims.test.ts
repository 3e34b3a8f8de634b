import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { box, isoFragment, isoMovie, isoTrack, movieExtends, packedMovie, uint32, zeros } from '../testing/iso-file.ts'
import { bufferWindow, fileWindow } from './file-window.ts'
import { readIsoClaims } from './iso-claims.ts'

const claimsOf = (bytes: Buffer, samples = 4_000_000) => readIsoClaims(bufferWindow(bytes), { samples })

test('honest movies claim nothing that is too much', async () => {
  const media = box('mdat', zeros(50_000))
  for (const movie of [
    isoMovie([isoTrack({ samples: 1_000 }), isoTrack({ handler: 'soun', samples: 40_000 })], media),
    isoMovie([isoTrack({ samples: 0 }), movieExtends], Buffer.concat(Array.from({ length: 100 }, () => Buffer.concat([isoFragment(30), box('mdat', zeros(300))])))),
    packedMovie([isoTrack({ samples: 10 })]),
    isoMovie([isoTrack()], Buffer.alloc(800_000, box('free'))),
  ]) expect(await claimsOf(movie)).toEqual({ end: movie.length, isReference: false })
})

test('sound in samples of fixed size may have any number of them: no list of them is made', async () => {
  const sound = isoTrack({ handler: 'soun', samples: 2_000_000_000, stsc: box('stsc', zeros(4), uint32(1, 1, 4_000, 1)) })
  expect((await claimsOf(isoMovie([sound]))).tooMuch).toBeUndefined()
  // Of its chunks, one is.
  const chunks = { stsc: box('stsc', zeros(4), uint32(2, 1, 40, 1, 9, 1_000_000, 1)), stco: box('stco', zeros(4), uint32(3_000), zeros(12_000)) }
  expect((await claimsOf(isoMovie([isoTrack({ handler: 'soun', ...chunks })]))).tooMuch).toMatch(/^2,992,000,320 samples in/)
  // Of pictures, and of sound whose samples last longer, one is made.
  const stts = box('stts', zeros(4), uint32(1, 2_000_000_000, 1_024))
  expect((await claimsOf(isoMovie([isoTrack({ handler: 'soun', samples: 2_000_000_000, stts })]))).tooMuch).toMatch(/^2,000,000,000 samples in \d+ bytes$/)
})

test('more samples than bytes, and more than the limit, is too much, wherever it stands', async () => {
  const large = box('mdat', zeros(100_000))
  expect((await claimsOf(isoMovie([isoTrack({ samples: 50_000 })], large), 40_000)).tooMuch).toBe('50,000 samples, and the limit here is 40,000')
  expect((await claimsOf(isoMovie([isoTrack(), box('udta', box('stsz', zeros(4), uint32(1, 900_000)))], large))).tooMuch).toMatch(/^900,000 samples in/)
  expect((await claimsOf(Buffer.concat([isoMovie([isoTrack()]), box('stsz', zeros(4), uint32(1, 900_000))]))).tooMuch).toMatch(/^900,000 samples in/)
  expect((await claimsOf(packedMovie([isoTrack({ samples: 900_000 })]))).tooMuch).toMatch(/^900,000 samples in/)
  expect((await claimsOf(isoMovie([movieExtends], Buffer.concat(Array.from({ length: 30 }, () => isoFragment(10_000)))))).tooMuch).toMatch(/samples in/)
})

test('a compressed index that is large, or says it will be, is refused before it is read', async () => {
  for (const [length, says] of [[17_000_000, 1_000], [100, 70_000_000]] as const) {
    const head = Buffer.concat([uint32(length + 28), Buffer.from('moov'), uint32(length + 20), Buffer.from('cmov'), uint32(length + 12), Buffer.from('cmvd'), uint32(says)])
    let readBytes = 0
    const read = (position: number, count: number) => (readBytes += count, Buffer.concat([head.subarray(position, position + count), zeros(count)]).subarray(0, count))
    expect(await readIsoClaims({ size: head.length + length, read }, { samples: 1 })).toMatchObject({ tooMuch: `a compressed index of ${Math.max(length, says).toLocaleString('en')} bytes` })
    expect(readBytes).toBeLessThan(1_000)
  }
})

test('a movie whose samples lie elsewhere says so, wherever it says it', async () => {
  const elsewhere = box('dref', zeros(4), uint32(1), box('url ', uint32(0), Buffer.from('http://a/\0')))
  expect((await claimsOf(isoMovie([isoTrack({ dref: elsewhere })]))).isReference).toBe(true)
  expect((await claimsOf(packedMovie([isoTrack({ dref: elsewhere })]))).isReference).toBe(true)
  expect((await claimsOf(isoMovie([Buffer.alloc(2_000_000, box('free')), isoTrack({ dref: elsewhere })]))).isReference).toBe(true)
  expect((await claimsOf(isoMovie([box('udta', box('minf', box('dinf', elsewhere)))]))).isReference).toBe(true)
})

test('damaged and truncated boxes end the looking, and nothing is thrown', async () => {
  const movie = isoMovie([isoTrack({ samples: 20 })], box('mdat', zeros(100)))
  for (let length = 0; length < movie.length; length += 7) expect(await claimsOf(movie.subarray(0, length))).toMatchObject({ isReference: false })
  expect(await claimsOf(Buffer.concat([movie, zeros(20)]))).toEqual({ isReference: false })
  expect(await claimsOf(packedMovie([]).fill(0xff, 70))).toMatchObject({ isReference: false })
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iso-claims-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('millions of boxes are given up, and a signal is heard among them', async () => {
  const path = join(folder, 'boxes.mp4')
  await writeFile(path, isoMovie([isoTrack()], Buffer.alloc(20_000_000, box('free'))))
  const file = await open(path, 'r')
  try {
    expect((await readIsoClaims(fileWindow(file, 20_000_600), { samples: 100 })).tooMuch).toBe('more than 2,000,000 boxes')
    const controller = new AbortController()
    let reads = 0
    const counted = new Proxy(file, { get: (target, name) => (name === 'read' ? (...args: unknown[]) => (++reads === 20 && controller.abort(), (target.read as (...args: unknown[]) => unknown)(...args)) : Reflect.get(target, name)) })
    await expect(readIsoClaims(fileWindow(counted, 20_000_600, controller.signal), { samples: 100 })).rejects.toMatchObject({ code: 'cancelled' })
    expect(reads).toBeLessThan(25)
  } finally {
    await file.close()
  }
})
