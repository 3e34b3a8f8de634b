import { parseArgs } from 'node:util'
import { ProgramError } from '../program/describe-failure.ts'
import { placesOf, type Places } from '../program/places.ts'

export const usage = `npm run worker:local [-- <video or https://…> [--out <file.mp4>] [--force]]

Converts a video by the Trigger.dev worker itself: the real \`trigger dev\`, and
a local API in place of the cloud. No account, no key; with DEEPGRAM_API_KEY or
ELEVENLABS_API_KEY set, these hear and speak. Without a video: the bundled
sample.
  --out    the MP4 to write (default: out/<name>.mp4); its subtitles are written
           beside it
  --force  replace what --out names, and its .srt, where they exist`

/** Reads the command line, where `folder` is where relative paths are meant from. Gives `undefined` for `--help`; throws a `ProgramError` with the usage. */
export function readWorkerLocalArguments(args: readonly string[], folder: string): Places | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, force: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
    return values.help ? undefined : placesOf({ videos: positionals, out: values.out, force: values.force, folder })
  } catch (error) {
    throw new ProgramError(`${(error as Error).message}\n\n${usage}`, 2)
  }
}
