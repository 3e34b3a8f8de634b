import { lstat } from 'node:fs/promises'
import { mediaImport, type MediaFacts } from '@track-orchestrator/registry/media'
import { clockPicture } from '../audio/open-sound.ts'
import { copyWithSha256, sha256OfFile } from '../content-hash.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { readMedium } from '../open-medium.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Brings a medium into the storage, once, as bytes of this run's own, and keeps beside it what it holds. */
export function createMediaImportHandler(options: MediaOptions): MediaHandler<typeof mediaImport> {
  const tools = mediaTools('createMediaImportHandler', options)
  return handlerOf(mediaImport, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const opened = await workspace.open(input.url)
      workspace.progress.report(0.3, 'read it through')
      const copy = await ownCopy(workspace, opened)
      workspace.progress.report(0.6, 'find out what it holds')
      const { path, facts, stream, timing, notes } = await readMedium(tools, workspace, copy.path, clockPicture)
      const sha256 = path === copy.path ? copy.sha256 : await sha256OfFile(path, signal)
      workspace.progress.report(0.9, 'store')
      const kept = { facts, notes, ...(timing && stream && { timing, stream: stream.index }) }
      const { durationSeconds } = facts
      const file = await workspace.store(path, { ...formatOf(facts), ...(durationSeconds !== undefined && { durationSeconds }), kept })
      return { url: file.url, sourceUrl: input.url, files: [file], sizeBytes: file.sizeBytes, sha256, facts }
    }),
  )
}

/** What was fetched from elsewhere is ours already; what lies on this machine has been opened under a second name, or a link, and may be changed by its owner. */
async function ownCopy(workspace: Workspace, path: string): Promise<{ path: string; sha256: string }> {
  const found = await lstat(path)
  if (found.isFile() && found.nlink === 1) return { path, sha256: await sha256OfFile(path, workspace.signal) }
  const copy = workspace.path('imported')
  return { path: copy, sha256: await copyWithSha256(path, copy, workspace.signal) }
}

/** By ffprobe's name for the container, of which the first counts. */
const formats: Readonly<Record<string, readonly [format: string, picture: string, sound: string]>> = {
  matroska: ['mkv', 'video/x-matroska', 'audio/x-matroska'],
  mov: ['mp4', 'video/mp4', 'audio/mp4'],
  avi: ['avi', 'video/x-msvideo', 'audio/x-msvideo'],
  flv: ['flv', 'video/x-flv', 'video/x-flv'],
  mpegts: ['ts', 'video/mp2t', 'video/mp2t'],
  mpeg: ['mpg', 'video/mpeg', 'video/mpeg'],
  ogg: ['ogg', 'video/ogg', 'audio/ogg'],
  mp3: ['mp3', 'audio/mpeg', 'audio/mpeg'],
  wav: ['wav', 'audio/wav', 'audio/wav'],
  flac: ['flac', 'audio/flac', 'audio/flac'],
  aac: ['aac', 'audio/aac', 'audio/aac'],
  aiff: ['aiff', 'audio/aiff', 'audio/aiff'],
}
const webmCodecs: ReadonlySet<string> = new Set(['vp8', 'vp9', 'av1', 'opus', 'vorbis'])

function formatOf({ container, video, audio }: MediaFacts): { readonly format: string; readonly contentType: string } {
  const name = container.split(',')[0] ?? ''
  const isWebm = name === 'matroska' && [...video, ...audio].every(({ codec }) => webmCodecs.has(codec))
  const [format, picture, sound] = isWebm ? ['webm', 'video/webm', 'audio/webm'] : (formats[name] ?? [name || 'bin', 'application/octet-stream', 'application/octet-stream'])
  return { format, contentType: video.length > 0 ? picture : sound }
}
