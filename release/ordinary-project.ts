import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const excerpt = /```ts excerpt\n(.*?)```/gs

/** Writes a project of the form that `trigger init` gives it, and the vitest set-up and the test that the README of trigger-local shows. */
export function writeOrdinaryProject(folder: string, files: Readonly<Record<string, string>>, readme: string): void {
  const [config, test] = [...readFileSync(readme, 'utf8').matchAll(excerpt)].map(([, text]) => text!)
  const more = `import { triggerLocal } from '@track-orchestrator/trigger-local/vitest'
import { expect, test } from 'vitest'

const { triggerAndWait } = triggerLocal()

test.each(Array.from({ length: 18 }, (_, n) => n))('greets guest %i', async (n) => {
  expect((await triggerAndWait('hello-world', { name: \`guest \${n}\` })).output).toEqual({ message: \`Hello, guest \${n}!\` })
})
`
  // npm writes a lock of its own.
  const { 'package-lock.json': _lock, ...written } = files
  for (const [file, text] of Object.entries({ ...written, 'vitest.config.ts': config!, 'src/hello.test.ts': test!, 'src/guests.test.ts': more })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

/** Starts `trigger-local` as a person does, gives it to the test once the tasks are there, and ends it as by Ctrl-C. */
export async function withTriggerLocal(folder: string, env: NodeJS.ProcessEnv, use: () => Promise<void>): Promise<{ readonly code: unknown; readonly printed: string }> {
  const child = spawn(join(folder, 'node_modules/.bin/trigger-local'), { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let printed = ''
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
        if (printed.includes('Local worker ready')) resolve()
      })
    }
    void ended.then(() => reject(new Error(`trigger-local ended: ${printed}`)))
  })
  try {
    await ready
    await use()
  } finally {
    child.kill('SIGINT')
  }
  const [code] = (await ended) as [unknown]
  return { code, printed }
}
