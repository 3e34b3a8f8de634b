import { createAsking } from './asking.ts'

// Runs the track that asks, as a process that a test kills.
const [folder] = process.argv.slice(2) as [string]
const { runner, track } = createAsking(folder, (what) => console.log(what))
await runner.runTrack(track, { tenantId: 'acme', projectId: 'p1', text: 'a' }, { runId: 'r1', runKey: 'asking' })
