import type { MediaFacts } from '@track-orchestrator/registry/media'
import { measureVideo } from '../ffmpeg/measure-video.ts'
import { probeMedia, requireAudio } from '../ffmpeg/probe-media.ts'
import type { MediaTools } from '../media-tools.ts'
import { commonClock, type CommonClock } from './common-clock.ts'
import type { Workspace } from '../workspace.ts'

/** A medium with sound that has been let in, and the time that it shares with its pictures, where it has any: the clock that the sound is laid on. */
export interface OpenSound {
  readonly path: string
  readonly facts: MediaFacts
  readonly stream: MediaFacts['audio'][number]
  readonly clock: CommonClock | undefined
}

/** Opens and probes a medium with sound, and measures its pictures. Throws what `open` and `probeMedia` throw, and `media/no_audio`. */
export async function openSound({ ffmpeg, limits }: Pick<MediaTools, 'ffmpeg' | 'limits'>, workspace: Workspace, url: string, audioStream?: number): Promise<OpenSound> {
  const { signal } = workspace
  const path = await workspace.open(url)
  const facts = await probeMedia(ffmpeg, path, { signal, limits })
  const stream = requireAudio(facts, audioStream)
  // Its times are enough: a picture that cannot be decoded here does for a clock.
  const picture = facts.video.find(({ isDefault }) => isDefault) ?? facts.video[0]
  const timing = picture && (await measureVideo(ffmpeg, path, picture, { signal, limits }))
  const clock = timing && timing.frameCount > 0 ? await commonClock(ffmpeg, path, facts, timing, { signal, limits }) : undefined
  return { path, facts, stream, clock }
}
