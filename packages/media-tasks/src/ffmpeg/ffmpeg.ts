/** An ffmpeg with its ffprobe, and what has to be known of them. */
export interface Ffmpeg {
  readonly ffmpegPath: string
  readonly ffprobePath: string
  /** As it calls itself: `5.1.9-0+deb12u1`. */
  readonly version: string
  /** Where it was found. */
  readonly source: 'environment' | 'path' | 'npm'
  /** One line for a person, where this ffmpeg should not be used for more than a trial. */
  readonly warning?: string
  /** It knows `-fps_mode` (5.1 and later); else the same is called `-vsync`. */
  readonly supportsFpsMode: boolean
}
