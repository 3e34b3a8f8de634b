import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUpDue, cleanUpRun, createFileStorage, findFfmpeg, type Storage } from '@track-orchestrator/media-tasks'
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'
import type { TaskHandler, TaskHandlers } from '@track-orchestrator/registry'
import { tasks, type TaskName, type TaskRegistry } from '@track-orchestrator/registry/media'
import type { PayloadStore, SucceededRun } from '@track-orchestrator/trigger-engine'
import type { Environment } from './environment.ts'
import { createHandlers } from './handlers.ts'
import { createPayloadStore } from './payload-store.ts'

/** Who does the tasks in the processes of a Trigger.dev worker, and where big values lie between them. */
export interface WorkerTools {
  readonly handlers: TaskHandlers<TaskRegistry>
  readonly payloadStore: PayloadStore
  /** Cleans up after a run, and whatever has become due of earlier ones. */
  readonly onSuccess: (run: SucceededRun) => Promise<void>
}

/**
 * Opens storage and handlers as the environment says. ffmpeg is looked for by the first task of a process that runs, not when the
 * file is loaded: a process that only lists the tasks, or only walks a track, needs none.
 */
export function openWorkerTools(environment: Environment): WorkerTools {
  const { programs, encoderThreads, cleanup, temporaryFolder = join(tmpdir(), 'track-orchestrator') } = environment
  const storage = openStorage(environment)
  const open = async () => createHandlers({ ffmpeg: await findFfmpeg({ env: programs }), storage, temporaryFolder, encoderThreads, searchPath: programs['PATH'] ?? '', services: environment.speech })
  let opened: ReturnType<typeof open> | undefined
  const handlers = Object.fromEntries((Object.keys(tasks) as TaskName[]).map((name): [TaskName, TaskHandler] => [name, async (input, context) => {
    // A failure is not kept: the next task may find what this one did not.
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return ((await opened)[name] as TaskHandler)(input, context)
  }]))
  return {
    handlers: handlers as unknown as TaskHandlers<TaskRegistry>,
    payloadStore: createPayloadStore({ storage, temporaryFolder }),
    async onSuccess(run) {
      if (cleanup === 'none') return
      await cleanUpRun(storage, { ...run, status: 'succeeded' }, { cleanup, temporaryFolder })
      await cleanUpDue(storage, { temporaryFolder })
    },
  }
}

/** Cloudflare R2 where the environment names a bucket, else the folder that it names. */
function openStorage({ r2, storageFolder, readableFolders }: Environment): Storage {
  return r2 ? createR2Storage(r2) : createFileStorage({ root: storageFolder!, readableFolders })
}
