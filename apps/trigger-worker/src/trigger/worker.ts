import { createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { createTriggerWorker } from '@track-orchestrator/trigger-engine'
import { readEnvironment } from '../environment.ts'
import { registry } from '../registry.ts'
import { orchestrators, placementOf, tracks } from '../tracks.config.ts'
import { openWorkerTools } from '../worker-tools.ts'

// What Trigger.dev's command finds in this folder: every task, track and orchestrator, registered.
const environment = readEnvironment()

createTriggerWorker({
  registry,
  tracks: Object.values(tracks),
  orchestrators: Object.values(orchestrators),
  overrides: placementOf(environment),
  logs: environment.supabase ? [createSupabaseLog(environment.supabase)] : [],
  ...openWorkerTools(environment),
})
