import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@track-orchestrator/cli'
import { createClient } from '@supabase/supabase-js'
import { createRunReader, createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { checksOf } from './src/checks.ts'
import { readLocalEnvironment } from './src/local-environment.ts'
import { registry } from './src/registry.ts'
import { orchestrators, tracks } from './src/tracks.config.ts'
import { openWorkerTools } from './src/worker-tools.ts'

// What the tracks command works with (`npm run tracks -- list`): this worker's flows on this machine. Runs, and what lies between their
// steps, are kept in .tracks where the command is run; files are read from there, too, and from the bundled sample. `.env.example` says what may be set.
const { folder, environment } = readLocalEnvironment()
const { supabase, storageFolder } = environment

export default defineConfig({
  registry,
  tracks,
  orchestrators,
  handlers: () => openWorkerTools(environment).handlers,
  logs: () => (supabase ? [createSupabaseLog({ ...supabase, spoolFolder: join(folder, 'spool') })] : []),
  history: () => (supabase ? createRunReader(createClient(supabase.url, supabase.key, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })) : undefined),
  // Loaded when asked for: TRIGGER_SECRET_KEY and TRIGGER_API_URL say which Trigger.dev.
  trigger: async () => (await import('@track-orchestrator/trigger-engine/client')).createClient(),
  journal: folder,
  mediaFolders: [storageFolder!],
  defaults: { tenantId: 'local', projectId: 'local' },
  taskConcurrency: { transcode_video_segment: availableParallelism() },
  checks: checksOf(environment),
})
