import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@track-orchestrator/cli'
import { createClient } from '@supabase/supabase-js'
import { createFileKeeper } from '@track-orchestrator/media-tasks'
import { createHistoryKeeper, createRunReader, createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { checksOf } from './src/checks.ts'
import { readLocalEnvironment } from './src/local-environment.ts'
import { registry } from './src/registry.ts'
import { orchestrators, tracks } from './src/tracks.config.ts'
import { openStorage, openWorkerTools } from './src/worker-tools.ts'

// What the tracks command works with (`npm run tracks -- list`): this worker's flows on this machine. Runs, and what lies between their
// steps, are kept in .tracks where the command is run; files are read from there, too, and from the bundled sample. `.env.example` says what may be set.
const { folder, environment } = readLocalEnvironment()
const { supabase, storageFolder } = environment
const openSupabase = ({ url, key }: NonNullable<typeof supabase>) => createClient(url, key, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })

export default defineConfig({
  registry,
  tracks,
  orchestrators,
  handlers: () => openWorkerTools(environment).handlers,
  logs: () => (supabase ? [createSupabaseLog({ ...supabase, spoolFolder: join(folder, 'spool') })] : []),
  history: () => (supabase ? createRunReader(openSupabase(supabase)) : undefined),
  // Loaded when asked for: TRIGGER_SECRET_KEY and TRIGGER_API_URL say which Trigger.dev.
  trigger: async () => (await import('@track-orchestrator/trigger-engine/client')).createClient(),
  journal: folder,
  // Where `tracks delete` deletes beside the journal: what lies between and after the steps, and rows of the history.
  keepers: () => ({ files: createFileKeeper(openStorage(environment)), ...(supabase && { history: createHistoryKeeper(openSupabase(supabase)) }) }),
  mediaFolders: [storageFolder!],
  defaults: { tenantId: 'local', projectId: 'local' },
  taskConcurrency: { transcode_video_segment: availableParallelism() },
  checks: checksOf(environment),
})
