import { refuse, type Rule } from '@track-orchestrator/registry/options'

/** An ffmpeg with its ffprobe, and what has to be known of them. */
export interface Ffmpeg {
  readonly ffmpegPath: string
  readonly ffprobePath: string
  /** As it calls itself: `5.1.9-0+deb12u1`. */
  readonly version: string
  /** Where it was found. */
  readonly source: 'environment' | 'path' | 'npm'
  /** Lines for a person: where this ffmpeg should not be used for more than a trial, or nothing limits its memory. */
  readonly notes: readonly string[]
  /** The program by which the system limits the memory of both (Linux: `prlimit`). Absent where there is none. */
  readonly prlimitPath?: string | undefined
  /** It knows `-fps_mode` (5.1 and later); else the same is called `-vsync`. */
  readonly supportsFpsMode: boolean
  /** It has zimg (`zscale`) and `tonemap`, by which a high dynamic range becomes a usual one. */
  readonly supportsToneMapping: boolean
}

/** The rule for an option that is an `Ffmpeg`: a promise of one is a frequent mistake. */
export const foundFfmpeg: Rule = {
  expects: 'what findFfmpeg() gives (await it)',
  check(value, name) {
    const { ffmpegPath, ffprobePath } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Ffmpeg>
    return typeof ffmpegPath === 'string' && typeof ffprobePath === 'string' ? value : refuse(name, this.expects, value)
  },
}
