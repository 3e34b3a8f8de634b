import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { subtitleRules } from './subtitle-rules.ts'
import { timeline } from './timeline.ts'
import { transcript } from './transcript.ts'

/** Makes subtitles of a transcript. Who speaks is handed on as data beside the text, never as text to be spoken. */
export const convertJsonToSrt = defineTask({
  name: 'convert_json_to_srt',
  description: 'Makes SRT subtitles of a transcript.',
  placement: { inline: true },
  input: z.object({
    transcript,
    durationSeconds: timeline.durationSeconds,
    sourceUrl: timeline.sourceUrl,
    maxLineCharacters: subtitleRules.maxLineCharacters,
    maxLines: subtitleRules.maxLines,
    maxCueSeconds: subtitleRules.maxCueSeconds,
    /** A silence this long ends a cue, 0.1 to 10 s. Default 0.8. */
    maxGapSeconds: z.number().min(0.1).max(10).default(0.8),
    ...commonOptions,
  }),
  output: z.object({
    srt: z.string(),
    /** The speaker of each cue, in order; null where not known. */
    speakers: z.array(z.int().min(0).nullable()),
    srtUrl: mediaUrl,
    files: z.array(storedFile),
    durationSeconds: timeline.durationSeconds,
    sourceUrl: timeline.sourceUrl,
    notes: timeline.notes,
  }),
  timeoutMs: 60_000,
  expectedCost: 'none',
})
