import { parseArgs } from 'node:util'
import { optionFlags, optionUsage, readConversionOptions, type ConversionOptions } from '../conversion-options.ts'
import { ProgramError } from '../program/describe-failure.ts'
import { placesOf, type Places } from '../program/places.ts'

export const usage = `npm run worker:local [-- <video or https://…> [--out <file.mp4>] [--force]
                        [--<option> <value> …]]

Converts a video by the Trigger.dev worker itself: the real \`trigger dev\`, and
a local API in place of the cloud. No account, no key; with DEEPGRAM_API_KEY or
ELEVENLABS_API_KEY set, these hear and speak; --translateTo needs
TRANSLATOR_API_KEY and TRANSLATOR_MODEL. Without a video: the bundled sample.
  --out    the MP4 to write (default: out/<name>.mp4); its subtitles are written
           beside it
  --force  replace what --out names, and its .srt, where they exist

Options of the conversion, as in the flow's input:
${optionUsage()}`

/** Which video, where to, and how. */
export interface WorkerLocalArguments extends Places {
  readonly options: ConversionOptions
}

/** Reads the command line, where `folder` is where relative paths are meant from. Gives `undefined` for `--help`; throws a `ProgramError` with the usage. */
export function readWorkerLocalArguments(args: readonly string[], folder: string): WorkerLocalArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, force: { type: 'boolean', default: false }, ...optionFlags, help: { type: 'boolean', short: 'h', default: false } },
    })
    if (values.help) return undefined
    const { out, force, help: _help, ...words } = values
    const options = readConversionOptions(words)
    return { ...placesOf({ videos: positionals, out, force, folder }), options }
  } catch (error) {
    throw new ProgramError(`${(error as Error).message}\n\n${usage}`, 2)
  }
}
