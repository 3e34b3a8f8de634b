import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startSupabaseLocal } from './index.ts'

const program = fileURLToPath(new URL('main.ts', import.meta.url))

async function command(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', error: '' }
  child.stdout.on('data', (text) => (said.out += String(text)))
  child.stderr.on('data', (text) => (said.error += String(text)))
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, ...said }
}

test('The command tells how it is used, refuses what is no option, and names a file that is not there', async () => {
  const [help, option, file] = await Promise.all([command('--help'), command('--port', '1'), command('missing.sql')])
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('npx supabase-local') as unknown, error: '' })
  expect(option).toMatchObject({ code: 2, error: expect.stringContaining('There is no option --port.') as unknown })
  expect(file).toMatchObject({ code: 1, out: '', error: expect.stringMatching(/^ENOENT.*missing\.sql'\n$/) as unknown })
})

test.each([
  [{ migrations: 'create table notes ()' }, 'migrations must be a list of SQL texts'],
  [{ maxRows: Number.NaN }, 'maxRows must be a whole number above 0'],
  [{ maxRows: 0 }, 'maxRows must be a whole number above 0'],
  [{ schemas: [] }, 'schemas must be a list of names, not empty'],
  [{ signal: 'stop' }, 'signal must be an AbortSignal'],
  [{ migration: [] }, 'there is no option "migration". Options: migrations, maxRows, schemas, signal'],
  [{ constructor: 1 }, 'there is no option "constructor"'],
])('An option that is none or wrong is refused before anything starts: %j', async (options, message) => {
  await expect(startSupabaseLocal(options as object)).rejects.toThrow(message)
})
