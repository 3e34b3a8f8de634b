import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@track-orchestrator/cli'
import { createClient } from '@supabase/supabase-js'
import { createRunReader, createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { checksOf } from './src/checks.ts'
import { readEnvironment } from './src/environment.ts'
import { registry } from './src/registry.ts'
import { orchestrators, tracks } from './src/tracks.config.ts'
import { openWorkerTools } from './src/worker-tools.ts'

// What the tracks command works with (`npm run tracks -- list`): this worker's flows on this machine. Runs, and what lies between their
// steps, are kept in .tracks where the command is run; files are read from there, too, and from the bundled sample. `.env.example` says what may be set.
const { INIT_CWD, TRACKS_FOLDER, STORAGE_FOLDER, READABLE_FOLDERS } = process.env
const here = INIT_CWD ?? process.cwd()
const folder = TRACKS_FOLDER || join(here, '.tracks')
const sample = join(dirname(fileURLToPath(import.meta.url)), 'sample')
const environment = readEnvironment({ ...process.env, STORAGE_FOLDER: STORAGE_FOLDER || join(folder, 'storage'), READABLE_FOLDERS: READABLE_FOLDERS || [here, sample].filter((path) => existsSync(path)).join(delimiter) })

export default defineConfig({
  registry,
  tracks,
  orchestrators,
  handlers: () => openWorkerTools(environment).handlers,
  logs: () => (environment.supabase ? [createSupabaseLog(environment.supabase)] : []),
  history: () => (environment.supabase ? createRunReader(createClient(environment.supabase.url, environment.supabase.key, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })) : undefined),
  // Loaded when asked for: TRIGGER_SECRET_KEY and TRIGGER_API_URL say which Trigger.dev.
  trigger: async () => (await import('@track-orchestrator/trigger-engine/client')).createClient(),
  journal: folder,
  mediaFolders: [environment.storageFolder ?? join(folder, 'storage')],
  defaults: { tenantId: 'local', projectId: 'local' },
  taskConcurrency: { transcode_video_segment: availableParallelism() },
  checks: checksOf(environment),
})
