import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findClockRuns, type ClockPacket } from './clock-runs.ts'

const picture = 0
const sound = 1

/** Packets of a recording as a muxer writes them: 25 pictures a second from `from` on, and sound that begins with them, by turns. */
function recording(pictures: number, from: number, soundSeconds = pictures / 25): ClockPacket[] {
  const packet = (stream: number, kind: 'video' | 'audio', at: number, durationSeconds: number) => ({ stream, kind, seconds: from + at, ptsSeconds: from + at, durationSeconds })
  const all = [
    ...Array.from({ length: pictures }, (_, place) => packet(picture, 'video', place / 25, 0.04)),
    ...Array.from({ length: Math.round(soundSeconds / 0.02) }, (_, place) => packet(sound, 'audio', place * 0.02, 0.02)),
  ]
  return all.toSorted((a, b) => a.seconds - b.seconds || a.stream - b.stream)
}

const shiftsOf = async (packets: readonly ClockPacket[], options?: Parameters<typeof findClockRuns>[1]) => (await findClockRuns(packets, options))?.runs.map(({ shiftSeconds }) => Math.round(shiftSeconds * 1_000) / 1_000)

test('One clock is one run, wherever it begins, and however long nothing is shown on it', async () => {
  expect(await shiftsOf(recording(50, -3))).toEqual([0])
  expect(await shiftsOf([...recording(50, 100_000), ...recording(50, 100_100)])).toEqual([0])
  expect(await findClockRuns([])).toBeUndefined()
})

test('A gap in the picture alone is no leap of the clock, one in all streams together is, where the container is sent', async () => {
  const sparse = [...recording(25, 0, 40), ...recording(25, 40)]
  expect(await shiftsOf(sparse.toSorted((a, b) => a.seconds - b.seconds), { longestGapSeconds: 10 })).toEqual([0])
  expect(await shiftsOf([...recording(50, 0), ...recording(50, 62)], { longestGapSeconds: 10 })).toEqual([0, -60])
})

test('Sound that lasts longer than the picture is not overlaid by what follows', async () => {
  expect(await shiftsOf([...recording(50, 0, 2.08), ...recording(50, 0)])).toEqual([0, 2])
  expect(await shiftsOf([...recording(50, 0, 5), ...recording(50, 0)])).toEqual([0, 5])
})

test('Sound of the old clock that comes after pictures of the new one stays with the old', async () => {
  const [old, next] = [recording(50, 7), recording(50, 0)]
  const late = old.filter(({ kind, seconds }) => kind === 'audio' && seconds >= 8.9)
  const { runs, durationSeconds } = (await findClockRuns([...old.filter((packet) => !late.includes(packet)), ...next.slice(0, 1), ...late, ...next.slice(1)]))!
  expect(runs.map(({ shiftSeconds }) => Math.round(shiftSeconds))).toEqual([0, 9])
  expect(runs[1]!.firstPackets).toEqual(new Map([[picture, 50], [sound, 100]])) // prettier-ignore
  expect(durationSeconds).toBeCloseTo(4)
})

test('A clock that begins anew all the time is refused', async () => {
  const packets = Array.from({ length: 1_100 }, () => recording(2, 0)[0]!).flatMap((packet) => [{ ...packet, seconds: 5, ptsSeconds: 5 }, packet])
  await expect(findClockRuns(packets)).rejects.toMatchObject({ code: 'media/format_refused' })
})

test('However many recordings of whatever length follow each other on whatever clocks, each begins where the one before ends', async () => {
  const piece = fc.record({ pictures: fc.integer({ min: 10, max: 40 }), from: fc.integer({ min: -10, max: 90_000 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      const packets = pieces.flatMap(({ pictures, from }) => recording(pictures, from))
      const { runs, durationSeconds } = (await findClockRuns(packets, { longestGapSeconds: 10 }))!
      const isNewClock = pieces.map(({ from }, place) => {
        const before = pieces[place - 1]
        const gap = before ? from - before.from - before.pictures / 25 : 0
        return place === 0 || gap < -0.1 || gap > 10
      })
      fc.pre(pieces.every(({ from }, place) => place === 0 || isNewClock[place] || from === pieces[place - 1]!.from)) // gaps below 10 s stay
      expect(runs).toHaveLength(isNewClock.filter(Boolean).length)
      expect(durationSeconds).toBeCloseTo(pieces.reduce((sum, { pictures }) => sum + pictures / 25, 0), 6)
    }),
    { numRuns: 200 },
  )
})
