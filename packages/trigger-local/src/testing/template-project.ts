import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An ordinary Trigger.dev project, of the form that `trigger init` gives it. */
export const templateFiles: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'ordinary', version: '1.0.0', private: true, type: 'module' }),
  'package-lock.json': JSON.stringify({ name: 'ordinary', version: '1.0.0', lockfileVersion: 3, packages: {} }),
  'trigger.config.ts': `import { defineConfig } from '@trigger.dev/sdk'

export default defineConfig({
  project: 'proj_ordinary',
  runtime: 'node',
  logLevel: 'log',
  maxDuration: 3600,
  retries: { enabledInDev: true, default: { maxAttempts: 3, minTimeoutInMs: 1000, maxTimeoutInMs: 10000, factor: 2, randomize: true } },
  dirs: ['./src/trigger'],
})
`,
  'src/trigger/example.ts': `import { AbortTaskRunError, logger, task, wait } from '@trigger.dev/sdk'

export const helloWorldTask = task({
  id: 'hello-world',
  maxDuration: 300,
  run: async (payload: { name?: string; days?: number }) => {
    logger.log('Hello, world!', { payload })
    if (payload.days !== undefined) await wait.for({ days: payload.days })
    return { message: \`Hello, \${payload.name ?? 'world'}!\` }
  },
})

export const hopeless = task({
  id: 'hopeless',
  run: async () => {
    throw new AbortTaskRunError('no use trying again')
  },
})
`,
}

/** Writes such a project into a folder of its own, with this repository's packages. */
export function makeTemplateProject(): { readonly folder: string; write(file: string, text: string): void; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ordinary-'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  for (const [file, text] of Object.entries(templateFiles)) write(file, text)
  symlinkSync(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), join(folder, 'node_modules'))
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
