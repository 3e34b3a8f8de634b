import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { cliPreload } from './cli-preload.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-preload-'))
const script = join(folder, 'script.mjs')
writeFileSync(script, `
  import { existsSync, readFileSync } from 'node:fs'
  const file = ${JSON.stringify(join(folder, '.triggerrc'))}
  const ask = (url) => fetch(url, { signal: AbortSignal.abort(new Error('went out')) }).then(({ status }) => status, (error) => error.message)
  console.log(JSON.stringify([await ask('https://npm.antfu.dev/trigger.dev'), await ask(new URL('https://jsonhero.io/j/x.json')), existsSync(file) && readFileSync(file, 'utf8')]))`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function seen(entry: string, keepsProcesses: boolean): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', cliPreload({ entry, projectFolder: folder, keepsProcesses }), script])
  return JSON.parse(stdout)
}

test('what the command asks elsewhere is answered here, and it is given a default for the project’s config only where asked for', async () => {
  expect(await seen(script, false)).toEqual([404, 404, false])
  expect(await seen(script, true)).toEqual([404, 404, 'processKeepAlive=true'])
})

test('processes that the command starts are left alone', async () => {
  expect(await seen('/another.js', true)).toEqual(['went out', 'went out', false])
})

test('a file of the project is taken as it is', async () => {
  writeFileSync(join(folder, '.triggerrc'), 'maxDuration=60')
  expect(await seen(script, true)).toEqual([404, 404, 'maxDuration=60'])
})
