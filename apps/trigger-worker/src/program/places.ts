import { basename, dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ProgramError } from './describe-failure.ts'
import type { OutputFiles } from './output-files.ts'

/** Which video is meant, and where the result goes. */
export interface Places {
  /** `file:///…` or `https://…`. */
  readonly url: string
  /** The video, where it is a local file. */
  readonly input: string | undefined
  /** Its own folder: a transcript may lie beside it. */
  readonly readableFolders: readonly string[]
  readonly output: OutputFiles
}

export interface AskedPlaces {
  /** What stands on the command line beside the options: at most one video. */
  readonly videos: readonly string[]
  readonly out: string | undefined
  readonly force: boolean
  /** Whether a report is written beside the MP4. */
  readonly report?: boolean
  /** Where relative paths are meant from. */
  readonly folder: string
}

const sample = fileURLToPath(new URL('../../sample/sense-and-sensibility.webm', import.meta.url))

/** Finds out which video is meant, and which MP4 is to be written: where none is named, one below `out/`, which is ours. Throws `ProgramError` where that cannot be. */
export function placesOf({ videos, out, force, report = false, folder }: AskedPlaces): Places {
  if (videos.length > 1) throw new ProgramError(`One video at a time, please: got ${videos.length}`, 2)
  const [video] = videos
  const onWeb = video !== undefined && /^https?:/i.test(video)
  const input = onWeb ? undefined : video === undefined ? sample : resolve(folder, video)
  const mp4 = resolve(folder, out ?? `out/${input === undefined ? nameOnWeb(video!) : basename(input, extname(input))}.mp4`)
  if (extname(mp4).toLowerCase() !== '.mp4') throw new ProgramError(`--out names an .mp4 file, not ${out === '' ? 'nothing' : basename(mp4)}`, 2)
  if (mp4 === input) throw new ProgramError('The result would replace the video itself: name another file with --out', 2)
  const stem = mp4.slice(0, -'.mp4'.length)
  const output = { mp4, srt: `${stem}.srt`, ...(report && { report: `${stem}.report.html` }), overwrite: force || out === undefined }
  return input === undefined ? { url: video!, input, readableFolders: [], output } : { url: pathToFileURL(input).href, input, readableFolders: [dirname(input)], output }
}

/** The end of a URL's path as the name of a file here. */
function nameOnWeb(url: string): string {
  const { pathname } = URL.canParse(url) ? new URL(url) : { pathname: '' }
  const name = basename(pathname, extname(pathname)).replaceAll(/[^\w-]+/g, '_').slice(0, 100)
  return name.replace(/^[-_]+/, '') || 'video'
}
