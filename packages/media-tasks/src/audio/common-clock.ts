import { TerminalError } from '@track-orchestrator/registry'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import type { MeasureOptions, VideoTiming } from '../ffmpeg/measure-video.ts'
import { readPackets } from '../ffmpeg/packets.ts'
import { mainAudio } from '../ffmpeg/probe-media.ts'

/** The time that picture and sound of a medium share: from the beginning of the earlier one to the end of the later one. */
export interface CommonClock {
  /** On the file's clock. */
  readonly firstSeconds: number
  readonly durationSeconds: number
  /** How long the sound lasts before the first picture, and after the last; 0 where it does not. */
  readonly leadSeconds: number
  readonly holdSeconds: number
}

/** By so much encoders let sound begin earlier or end later than the picture: less is cut. In seconds. */
const encodersSlack = 0.1

/**
 * Lays the main sound of a medium beside its pictures. Whatever stream of sound is worked on, the clock is that of the main one: so every task
 * finds the same. What the header says of the sound is looked up where the picture would have to wait for it.
 */
export async function commonClock(ffmpeg: Ffmpeg, path: string, facts: MediaFacts, video: Pick<VideoTiming, 'firstSeconds' | 'durationSeconds'>, options: MeasureOptions): Promise<CommonClock> {
  const { firstSeconds, durationSeconds } = video
  const sound = mainAudio(facts)
  if (!sound) return { firstSeconds, durationSeconds, leadSeconds: 0, holdSeconds: 0 }
  const said = soundBeside(video, { start: sound.startSeconds, end: sound.startSeconds + (sound.durationSeconds ?? Infinity) })
  const { leadSeconds, holdSeconds } =
    said.leadSeconds + said.holdSeconds === 0 ? said : soundBeside(video, await soundByPackets(ffmpeg, path, sound.index, options))
  const shared = leadSeconds + durationSeconds + holdSeconds
  if (shared > options.limits.durationSeconds) {
    throw new TerminalError(`Picture and sound last ${Math.round(shared)} s together; the limit here is ${options.limits.durationSeconds} s`, { code: 'media/too_long' })
  }
  return { firstSeconds: firstSeconds - leadSeconds, durationSeconds: shared, leadSeconds, holdSeconds }
}

interface Span {
  readonly start: number
  readonly end: number
}

function soundBeside({ firstSeconds, durationSeconds }: Pick<VideoTiming, 'firstSeconds' | 'durationSeconds'>, { start, end }: Span) {
  const [lead, hold] = [firstSeconds - start, end - firstSeconds - durationSeconds]
  return { leadSeconds: lead > encodersSlack ? lead : 0, holdSeconds: hold > encodersSlack ? hold : 0 }
}

async function soundByPackets(ffmpeg: Ffmpeg, path: string, index: number, options: MeasureOptions): Promise<Span> {
  let [start, end] = [Infinity, -Infinity]
  for await (const { ptsSeconds, durationSeconds } of readPackets(ffmpeg, path, `a:${index}`, options)) {
    if (Number.isNaN(ptsSeconds)) continue
    start = Math.min(start, ptsSeconds)
    end = Math.max(end, ptsSeconds + durationSeconds)
  }
  return { start, end }
}
