import { copyFile, rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Puts the MP4, and its subtitles beside it, where they were asked for. A file there is replaced as a whole, or not at all. */
export async function saveResult(result: { readonly url: string; readonly srtUrl?: string | undefined }, output: string): Promise<{ mp4: string; srt?: string }> {
  await copyWhole(fileURLToPath(result.url), output)
  if (result.srtUrl === undefined) return { mp4: output }
  const srt = output.replace(/\.mp4$/i, '.srt')
  await copyWhole(fileURLToPath(result.srtUrl), srt)
  return { mp4: output, srt }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`
  try {
    await copyFile(from, part)
    await rename(part, to)
  } finally {
    await rm(part, { force: true })
  }
}
