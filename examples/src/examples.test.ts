import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const examples = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
const output: Record<string, RegExp> = {
  'smallest-track.ts': /^6 words$/m,
  'partial-order.ts': /^succeeded \{ sent: false \}$/m,
}

test.each(examples)('%s runs as it stands', async (name) => {
  const file = fileURLToPath(new URL(name, import.meta.url))
  const { stdout } = await run(process.execPath, ['--conditions=@track-orchestrator/source', '--import', 'tsx', file], { env: { ...process.env, FORCE_COLOR: '0' } })
  expect(stdout).toMatch(output[name] ?? /./)
})
