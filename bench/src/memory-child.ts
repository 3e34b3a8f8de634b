import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalRunner } from '@track-orchestrator/trigger-worker/local-runner'
import { voiceConversion } from '@track-orchestrator/trigger-worker/definitions'

// Runs the flagship flow alone in a process, and prints the most memory that the process ever took, in KiB.
const [url, storageFolder] = process.argv.slice(2) as [string, string]
const runner = await createLocalRunner({ storageFolder, readableFolders: [dirname(fileURLToPath(url))], env: process.env })
await runner.runOrchestrator(voiceConversion, { tenantId: 't', projectId: 'p', url })
console.log(process.resourceUsage().maxRSS)
