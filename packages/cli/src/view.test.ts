import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'

let folder: string
beforeAll(async () => {
  const viewer = fileURLToPath(new URL('../../viewer', import.meta.url))
  execFileSync('npm', ['run', '--silent', 'build:page'], { cwd: viewer, stdio: ['ignore', 'inherit', 'inherit'] })
  folder = await mkdtemp(join(tmpdir(), 'tracks-view-'))
  vi.stubEnv('TRACKS_FOLDER', join(folder, '.tracks'))
  await inPipe(folder, ['run', 'Reading', 'text=a/b', '--run-id', 'one'])
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** Starts the viewer, and gives its address. `end` stops it, and gives what it wrote. */
async function opened(...args: string[]) {
  const stop = new AbortController()
  let address: string | undefined
  const ended = inPipe(folder, ['view', '--json', ...args], { signal: stop.signal, onOut: (text) => (address ??= /"url":"([^"]+)"/.exec(text)?.[1]) })
  await vi.waitUntil(() => address !== undefined, { timeout: 20_000 })
  return { url: address!, end: () => (stop.abort(), ended) }
}

test('serves the runs of the journal until it is stopped, the definition drawn, and answers at its address only', async () => {
  const { url, end } = await opened('one')
  const [base, hash] = url.split('#') as [string, string]
  expect(hash).toBe('/run/one')
  const run = (await (await fetch(`${base}api/runs/one`)).json()) as object
  expect(run).toMatchObject({ runId: 'one', status: 'succeeded', outline: { kind: 'orchestrator', name: 'Reading', finalStep: { step: 'join' } } })
  expect((await fetch(new URL('/api/runs/one', base))).status).toBe(403)
  expect((await fetch(base)).headers.get('content-type')).toContain('text/html')
  expect((await end()).exitCode).toBe(130)
  await expect(fetch(base)).rejects.toThrow('fetch failed')
})

test('resumes and forks what the page asks for, in this process', async () => {
  vi.stubEnv('TRACKS_BROKEN', 'b')
  await inPipe(folder, ['run', 'Speech', 'text=a/b', '--run-id', 'broken'])
  vi.stubEnv('TRACKS_BROKEN', undefined)
  const { url, end } = await opened()
  const act = async (runId: string, body: object) => {
    const answer = await fetch(`${url}api/runs/${runId}/acts`, { method: 'POST', headers: { origin: new URL(url).origin, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return (await answer.json()) as { runId?: string; error?: { message: string } }
  }
  expect(await act('broken', { act: 'resume' })).toEqual({ runId: 'broken' })
  await expect.poll(async () => ((await (await fetch(`${url}api/runs/broken`)).json()) as { status: string }).status).toBe('succeeded')
  const { runId } = await act('broken', { act: 'fork', from: 'speak', set: { '[0].voice': 'high' } })
  await expect.poll(async () => ((await (await fetch(`${url}api/runs/${runId}`)).json()) as { status: string }).status).toBe('succeeded')
  expect((await inPipe(folder, ['show', runId!, '--json'])).json()).toMatchObject({ fork: { runId: 'broken', set: { '[0].voice': 'high' } } })
  expect((await act('broken', { act: 'fork', from: 'none' })).error!.message).toContain('none')
  await end()
})

test('writes a run as one file, and replaces none', async () => {
  const written = await inPipe(folder, ['view', 'one', '--export', 'pages/run.html', '--json'])
  expect(written.json()).toMatchObject({ path: join(folder, 'pages/run.html') })
  expect(await readFile(join(folder, 'pages/run.html'), 'utf8')).toMatch(/^<!doctype html>[^]*content-security-policy[^]*id="exported-run"/)
  await writeFile(join(folder, 'there.html'), 'mine')
  expect(await inPipe(folder, ['view', 'one', '--export', 'there.html'])).toMatchObject({ exitCode: 2, err: expect.stringContaining('--force replaces it') as string })
  expect(await readFile(join(folder, 'there.html'), 'utf8')).toBe('mine')
  expect(await inPipe(folder, ['view', 'one', '--export', 'there.html', '--force'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('opens from disk') as string })
})

test.each([
  [['view', 'none'], 4, 'There is no run "none"'],
  [['view', '--port', 'x'], 2, '--port is a whole number from 1 to 65535'],
  [['view', '--export', '/dev/null/x.html'], 2, 'cannot be written'],
  [['view', '--supabase'], 3, 'names no history'],
  [['view', '--supabase', '--tenant', ''], 2, 'Say whose runs'],
])('%j is told in a sentence', async (args, exitCode, said) => {
  expect(await inPipe(folder, args)).toMatchObject({ exitCode, err: expect.stringContaining(said) as string })
})
