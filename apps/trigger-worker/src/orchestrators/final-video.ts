import type { TaskOutput } from '@track-orchestrator/registry'
import type { z } from 'zod'
import { subtitleLanguageOf, type conversionInput } from '../conversion-options.ts'
import type { Registry } from '../registry.ts'

type Output<Name extends keyof Registry> = TaskOutput<Registry, Name>

/** What the tracks of a conversion have made. */
export interface Made {
  readonly imported: Pick<Output<'media_import'>, 'url'>
  readonly audio: Pick<Output<'combine_audio_segments'>, 'finalAudio' | 'srtUrl' | 'notes'>
  readonly video: Pick<Output<'combine_video_segments'>, 'finalVideo' | 'notes'>
}

/** What `merge_audio_video` is told at the end of a conversion. `spoken` is the language of the new voice. */
export function finalVideoOf({ imported, audio, video }: Made, { background, subtitles }: z.output<typeof conversionInput>, spoken: string | undefined) {
  return {
    audioUrl: audio.finalAudio,
    videoUrl: video.finalVideo,
    ...(subtitles !== 'none' && audio.srtUrl !== undefined && { srtUrl: audio.srtUrl, softSubtitles: subtitles === 'soft', subtitleFiles: subtitles === 'file' }),
    subtitleLanguage: subtitleLanguageOf(spoken),
    ...(background !== 'none' && { sourceUrl: imported.url, backgroundVolume: 1, duckDb: background.duckDb }),
    notes: [...(video.notes ?? []), ...(audio.notes ?? [])],
  }
}
