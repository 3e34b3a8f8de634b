import { defineConfig } from '@track-orchestrator/cli'
import { flows } from './src/flows.ts'

// For the tracks command, which runs the flows in its own process: `npx tracks list`, `npx tracks run WordCountTrack url=https://example.org`.
export default defineConfig({ ...flows, defaults: { tenantId: 'me', projectId: 'my-worker' } })
