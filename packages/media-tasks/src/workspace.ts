import { createHash } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact, TerminalError, type TaskContext } from '@track-orchestrator/registry'
import type { StoredFile } from '@track-orchestrator/registry/media'
import { checkTenant } from './check-tenant.ts'
import { downloadFile } from './download/download-file.ts'
import { isWebUrl, webName } from './download/web-address.ts'
import { runFfmpeg, type FfmpegCommand, type FfmpegResult } from './ffmpeg/run-ffmpeg.ts'
import { throwIfStopped, timeoutError } from './ffmpeg/stop.ts'
import { besideIt, keptText, mostFactsBytes, parseKept, type KeptFacts } from './kept-facts.ts'
import type { MediaTools } from './media-tools.ts'
import { storageKey } from './storage-key.ts'
import type { FetchOptions } from './storage.ts'
import { createWorkProgress, type WorkProgress } from './work-progress.ts'
import { makeWorkspaceFolder } from './workspace-folder.ts'

/** What a workspace needs to know of a task's input: the options that every media task takes. */
export interface WorkspaceInput {
  readonly storageName?: string | undefined
  readonly timeoutMs?: number | undefined
}

/** A folder for one attempt, and the ways in and out of it. */
export interface Workspace {
  readonly folder: string
  /** Aborted when the run is cancelled, the attempt's time is over, or the input's `timeoutMs` is. */
  readonly signal: AbortSignal
  /** How far the attempt is. What takes long and tells nothing is told of all the same, with the seconds that it has taken. */
  readonly progress: Omit<WorkProgress, 'end'>
  /** A path in the folder. */
  path(name: string): string
  /** Makes the medium readable as a local file with a name of ours. Throws `media/url_refused`, `not_found`, `empty`, `too_large`, `download_failed`. */
  open(url: string, name?: string): Promise<string>
  /** What the step that stored the medium has found out about it, where it kept that. `path`: what `open` gave. */
  known(url: string, path: string): Promise<KeptFacts | undefined>
  /** Runs ffmpeg in the folder; its progress becomes the attempt's, between `from` and `to`. */
  ffmpeg(command: FfmpegCommand, progress?: { readonly durationSeconds?: number; readonly from?: number; readonly to?: number }): Promise<FfmpegResult>
  /** Gives a file of the folder to the storage, under this run and task: it is not to be used any more. */
  store(path: string, file: StoreOptions): Promise<StoredFile>
}

export interface StoreOptions {
  /** Container or encoding by its usual name, and the end of the file's name: `mp4`. */
  readonly format: string
  readonly contentType: string
  readonly durationSeconds?: number
  /** The format of the task's main file, where this one lies beside it and shares its name. */
  readonly beside?: string
  /** Tells files apart where a task stores several: `003`. */
  readonly number?: string
  /** What is known of the file, to be kept beside it. */
  readonly kept?: KeptFacts | undefined
}

/**
 * Does work in a private folder of its own, which is removed however the work ends.
 * The same input gives the same stored names in every attempt; different inputs in one run do not meet.
 */
export async function withWorkspace<Result>(
  tools: Pick<MediaTools, 'ffmpeg' | 'storage' | 'temporaryFolder' | 'limits' | 'download'>,
  context: TaskContext,
  input: WorkspaceInput,
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  throwIfStopped(context.signal)
  const folder = await makeWorkspaceFolder(tools.temporaryFolder)
  const timeout = new AbortController()
  const timer =
    input.timeoutMs === undefined ? undefined : setTimeout(() => timeout.abort(timeoutError(context.taskName, input.timeoutMs)), input.timeoutMs)
  const signal = AbortSignal.any([context.signal, timeout.signal])
  const progress = createWorkProgress(context)
  let opened = 0
  const path = (name: string) => join(folder, name)

  try {
    return await work({
      folder,
      signal,
      progress,
      path,
      async open(url, name = `input-${opened++}`) {
        throwIfStopped(signal)
        checkTenant(tools.storage, url, context.tenantId)
        const onProgress = progress.bytes('fetch')
        progress.begin('fetch')
        await fetchMedium(tools, url, path(name), { signal, onProgress })
        progress.begin('look at what was fetched')
        const { size } = await stat(path(name))
        if (size === 0) throw new TerminalError(`${nameOf(url)} is empty: it has 0 bytes`, { code: 'media/empty' })
        if (size > tools.limits.sizeBytes) {
          throw new TerminalError(`${nameOf(url)} has ${size} bytes; the limit here is ${tools.limits.sizeBytes}`, { code: 'media/too_large' })
        }
        return path(name)
      },
      async known(url, mediumPath) {
        if (!tools.storage.owns(url)) return undefined
        const keptPath = besideIt(mediumPath)
        try {
          await tools.storage.fetchToFile(besideIt(url), keptPath, { signal, maxBytes: mostFactsBytes(tools.limits.frames) })
          return await parseKept(await readFile(keptPath, 'utf8'), (await stat(mediumPath)).size)
        } catch {
          throwIfStopped(signal)
          return undefined // they can be found out again
        }
      },
      async ffmpeg(command, { durationSeconds, from = 0, to = 1 } = {}) {
        progress.begin(command.what)
        const onProgress = (fraction: number, rate: string | undefined) => {
          if (rate !== undefined) progress.report(from + (to - from) * fraction, command.what, rate)
        }
        const result = await runFfmpeg(tools.ffmpeg, command, { signal, cwd: folder, durationSeconds, onProgress, outputBytes: tools.limits.outputBytes, memoryBytes: tools.limits.memoryBytes })
        progress.begin('check what was made')
        return result
      },
      async store(filePath, { format, contentType, durationSeconds, number, kept, beside = format }) {
        const key = storageKey(context, fileName(context.taskName, input, { format, beside, number }))
        const back = progress.begin('store')
        const { url, bucket, sizeBytes } = await tools.storage.put(key, filePath, { contentType, signal, give: true, onProgress: progress.bytes('store') })
        back()
        if (kept) {
          const keptPath = besideIt(filePath)
          await writeFile(keptPath, keptText(kept, sizeBytes))
          await tools.storage.put(besideIt(key), keptPath, { contentType: 'application/json', signal, give: true })
        }
        return {
          ...{ url, key, format, contentType, sizeBytes },
          ...(bucket !== undefined && { bucket }),
          ...(durationSeconds !== undefined && { durationSeconds }),
        }
      },
    })
  } finally {
    clearTimeout(timer)
    progress.end()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Brings the medium here: from storage what is its own, and local files where it lets us; the rest from the web. ffmpeg never sees a URL. */
async function fetchMedium({ storage, download, limits }: Pick<MediaTools, 'storage' | 'download' | 'limits'>, url: string, path: string, how: Required<Pick<FetchOptions, 'signal' | 'onProgress'>>) {
  if (storage.owns(url) || /^file:\/\//i.test(url)) return storage.fetchToFile(url, path, { ...how, maxBytes: limits.sizeBytes })
  if (isWebUrl(url)) return downloadFile(url, path, { ...how, rules: download, sizeBytes: limits.sizeBytes })
  const advice = url.startsWith('/') ? ` A local file is written file://${url}.` : ''
  throw new TerminalError(`${nameOf(url)} is refused: media are read from https://…, file:///… and the storage's own URLs.${advice}`, {
    code: 'media/url_refused',
  })
}

/** How messages call it: what comes from the web by its host only. */
function nameOf(url: string): string {
  return isWebUrl(url) ? webName(url) : redact(url.replace(/\?.*/s, ''))
}

/** `split_video-1f0c9a2e-003.mkv`, or by the name that was asked for. */
function fileName(taskName: string, input: WorkspaceInput, { format, beside, number }: { format: string; beside: string; number: string | undefined }): string {
  const extension = `.${beside}`
  const asked = input.storageName?.endsWith(extension) ? input.storageName.slice(0, -extension.length) : input.storageName
  const stem = asked ?? `${taskName}-${createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 8)}`
  return `${stem}${number === undefined ? '' : `-${number}`}.${format}`
}
