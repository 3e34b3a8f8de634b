import type { VideoFacts } from '@track-orchestrator/registry/media'

/** Ticks a second of every MP4 track we make: a multiple of all usual frame rates. */
export const trackTimescale = 90_000

/**
 * Every frame on the even grid, or each at its own time (ffmpeg manual, "Advanced Video options": -fps_mode, -enc_time_base).
 * Builds before 5.1 may end the MP4's edit list at the start of the last frame, which hides it, unless frames are stored in the order they are shown.
 */
export function frameOptions({ variableFrameRate, frameRate }: Pick<VideoFacts, 'variableFrameRate' | 'frameRate'>, supportsFpsMode: boolean): string[] {
  const mode = supportsFpsMode ? '-fps_mode' : '-vsync'
  if (!variableFrameRate) return [mode, 'cfr', '-r', frameRate]
  return [mode, 'passthrough', '-enc_time_base', `1:${trackTimescale}`, ...(supportsFpsMode ? [] : ['-bf', '0'])]
}
