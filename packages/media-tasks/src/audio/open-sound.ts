import type { MediaFacts } from '@track-orchestrator/registry/media'
import { requireAudio } from '../ffmpeg/probe-media.ts'
import type { MediaTools } from '../media-tools.ts'
import { openMedium } from '../open-medium.ts'
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
  const { path, facts, timing } = await openMedium({ ffmpeg, limits }, workspace, url, (found) => {
    requireAudio(found, audioStream)
    return clockPicture(found)
  })
  const stream = requireAudio(facts, audioStream)
  const clock = timing && timing.frameCount > 0 ? await commonClock(ffmpeg, path, facts, timing, { signal, limits }) : undefined
  return { path, facts, stream, clock }
}

/** The picture whose clock the sound is laid on. Its times are enough: one that cannot be decoded here does as well. */
export function clockPicture({ video }: MediaFacts): MediaFacts['video'][number] | undefined {
  return video.find(({ isDefault }) => isDefault) ?? video[0]
}
