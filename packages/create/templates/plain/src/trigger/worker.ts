import { createTriggerWorker } from '@track-orchestrator/trigger-engine'
import { flows } from '../flows.ts'

// What Trigger.dev's command finds in this folder: every task, track and orchestrator, each under its name.
createTriggerWorker(flows)
