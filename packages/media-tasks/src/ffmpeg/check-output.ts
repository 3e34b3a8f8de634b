import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'

/** How ffmpeg is told where to stop writing (ffmpeg manual, "Main options", -fs). Patterns stand for several files, to which it does not apply. */
export function outputCap(output: string | undefined, outputBytes: number | undefined): string[] {
  return output === undefined || outputBytes === undefined || output.includes('%') ? [] : ['-fs', String(outputBytes)]
}

/** ffmpeg ends as if nothing were wrong where it has written as much as it may: then the result is not whole. Throws `media/too_large`. */
export async function checkOutput(what: string, output: string | undefined, outputBytes: number | undefined, cwd = '.'): Promise<void> {
  if (outputCap(output, outputBytes).length === 0) return
  const size = await stat(resolve(cwd, output!)).then((found) => found.size, () => 0) // prettier-ignore
  if (size < outputBytes!) return
  throw new TerminalError(`ffmpeg was stopped (to ${what}): the result would be larger than ${outputBytes} bytes, the limit here`, { code: 'media/too_large' })
}
