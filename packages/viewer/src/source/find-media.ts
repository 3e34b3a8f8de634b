import { realpath, stat } from 'node:fs/promises'
import { extname, relative, isAbsolute, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MediaFile } from './run-source.ts'
import { mediaRefused } from './viewer-error.ts'

/** What is shown, by the ends of file names. Nothing that a browser would run: no HTML, no SVG. */
export const mediaTypes: Readonly<Record<string, string>> = {
  '.mp3': 'audio/mpeg', '.wav': 'audio/wav', '.m4a': 'audio/mp4', '.aac': 'audio/aac', '.ogg': 'audio/ogg', '.opus': 'audio/ogg', '.flac': 'audio/flac',
  '.mp4': 'video/mp4', '.m4v': 'video/mp4', '.mov': 'video/mp4', '.webm': 'video/webm', '.mkv': 'video/webm',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.webp': 'image/webp', '.gif': 'image/gif', '.avif': 'image/avif',
  '.srt': 'text/plain; charset=utf-8', '.vtt': 'text/plain; charset=utf-8',
}

/**
 * The file that `url` names, where the value refers to it and it lies below one of the folders, links followed. Throws
 * `viewer/media_refused`.
 */
export async function findMedia(folders: readonly string[], value: unknown, url: string): Promise<MediaFile> {
  if (!mentions(value, url)) throw mediaRefused('the run does not refer to it')
  const asked = pathOf(url)
  const contentType = mediaTypes[extname(asked).toLowerCase()]
  if (contentType === undefined) throw mediaRefused('it is no audio, video, picture or subtitles')
  const path = await realpath(asked).catch(() => {
    throw mediaRefused('it is gone')
  })
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined)
    const inside = root === undefined ? '..' : relative(root, path)
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) continue
    // What was checked is what is opened: the path without links.
    if (!(await stat(path)).isFile()) throw mediaRefused('it is no file')
    return { path, contentType }
  }
  throw mediaRefused('it lies outside of the folders whose media may be shown')
}

function pathOf(url: string): string {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'file:' && (parsed.host === '' || parsed.host === 'localhost')) return fileURLToPath(new URL(parsed.pathname, 'file://'))
  } catch {
    // Said below.
  }
  throw mediaRefused('only files of this machine are')
}

/** Whether the text stands somewhere in the value, as a whole. */
function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((inside) => mentions(inside, text))
}
