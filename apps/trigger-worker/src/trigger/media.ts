import { tasks } from '@track-orchestrator/registry/media'
import { createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { createTriggerWorker } from '@track-orchestrator/trigger-engine'
import { orchestrators, tracks } from '../definitions.ts'
import { readEnvironment } from '../environment.ts'
import { placementOf } from '../placement.ts'
import { openWorkerTools } from '../worker-tools.ts'

const environment = readEnvironment()

createTriggerWorker({
  registry: tasks,
  tracks: Object.values(tracks),
  orchestrators: Object.values(orchestrators),
  overrides: placementOf(environment),
  logs: environment.supabase ? [createSupabaseLog(environment.supabase)] : [],
  ...openWorkerTools(environment),
})
