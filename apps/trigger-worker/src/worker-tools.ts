import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUpDue, cleanUpRun, createFileStorage, findFfmpeg, type Storage } from '@track-orchestrator/media-tasks'
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'
import type { TaskHandler, TaskHandlers } from '@track-orchestrator/registry'
import type { PayloadStore, SucceededRun } from '@track-orchestrator/trigger-engine'
import type { Environment } from './environment.ts'
import { createPayloadStore } from './payload-store.ts'
import { registry, type Registry } from './registry.ts'
import { createHandlers } from './tracks.config.ts'

/** Who does the tasks in the processes of a Trigger.dev worker, and where big values lie between them. */
export interface WorkerTools {
  readonly handlers: TaskHandlers<Registry>
  readonly payloadStore: PayloadStore
  /** Cleans up after a run, and whatever has become due of earlier ones. */
  readonly onSuccess: (run: SucceededRun) => Promise<void>
}

/** Opens storage and handlers as the environment says. */
export function openWorkerTools(environment: Environment): WorkerTools {
  const { programs, encoderThreads, speech, cleanup, temporaryFolder = join(tmpdir(), 'track-orchestrator') } = environment
  const storage = openStorage(environment)
  return {
    handlers: openedLater(async () => createHandlers({ ffmpeg: await findFfmpeg({ env: programs }), storage, temporaryFolder, encoderThreads, speech, searchPath: programs['PATH'] ?? '' })),
    payloadStore: createPayloadStore({ storage, temporaryFolder }),
    async onSuccess(run) {
      if (cleanup === 'none') return
      await cleanUpRun(storage, { ...run, status: 'succeeded' }, { cleanup, temporaryFolder })
      await cleanUpDue(storage, { temporaryFolder })
    },
  }
}

/** Cloudflare R2 where the environment names a bucket, else the folder that it names. */
export function openStorage({ r2, storageFolder, readableFolders }: Environment): Storage {
  return r2 ? createR2Storage(r2) : createFileStorage({ root: storageFolder!, readableFolders })
}

/** Handlers that are opened by the first task that runs: a process that only lists the tasks, or only walks a track, needs no ffmpeg. */
function openedLater(open: () => Promise<TaskHandlers<Registry>>): TaskHandlers<Registry> {
  let opened: ReturnType<typeof open> | undefined
  const handlerOf = (name: string): TaskHandler => async (input, context) => {
    // A failure is not kept: the next task may find what this one did not.
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return ((await opened)[name as keyof Registry] as TaskHandler)(input, context)
  }
  return Object.fromEntries(Object.keys(registry).map((name) => [name, handlerOf(name)])) as unknown as TaskHandlers<Registry>
}
