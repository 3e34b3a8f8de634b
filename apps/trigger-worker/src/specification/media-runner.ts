import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalRunner } from '../local-runner.ts'

// The listing runs a flow without saying on which video: the runner's defaults do.

const sample = new URL('../../sample/sense-and-sensibility.webm', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'specification-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

export const { runOrchestrator, runSingleTask } = await createLocalRunner({
  storageFolder: folder,
  readableFolders: [dirname(fileURLToPath(sample))],
  env: process.env,
  defaults: { tenantId: 'tenant123', projectId: 'project456', url: sample.href },
})
