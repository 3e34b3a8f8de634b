import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectTriggerLocal, startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startFakeWorker } from '../../trigger-local/src/testing/fake-worker.ts'
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
  await expect.poll(() => address).toBeDefined()
  return { url: address!, end: () => (stop.abort(), ended) }
}

test('serves the runs of the journal until it is stopped, the definition drawn, and answers at its address only', async () => {
  const { url, end } = await opened('one', '--config', 'tracks.config.mjs')
  const [base, hash] = url.split('#') as [string, string]
  expect(hash).toBe('/run/one')
  const run = (await (await fetch(`${base}api/runs/one`)).json()) as object
  expect(run).toMatchObject({ runId: 'one', status: 'succeeded', outline: { kind: 'orchestrator', name: 'Reading', finalStep: { step: 'join' } }, acts: [{ command: 'tracks fork one --config tracks.config.mjs --from ' }], command: { options: ['--config', 'tracks.config.mjs'] } })
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

describe('the runs of a trigger-local', () => {
  let server: TriggerDevServer
  beforeAll(async () => {
    server = await startTriggerDevServer()
    await startFakeWorker(server, [{ id: 'Speech' }])
    await connectTriggerLocal(server).trigger('Speech', { tenantId: 'acme', projectId: 'p', text: 'a/b' })
  })
  afterAll(() => server.close())

  test('are served by the address that it printed, and definitions are drawn', async () => {
    const { url, end } = await opened('last', '--trigger-local', server.pageUrl)
    const [base, hash] = url.split('#/run/') as [string, string]
    expect(await (await fetch(`${base}api/runs`)).json()).toMatchObject({ runs: [{ runId: hash, name: 'Speech', tenantId: 'acme', status: 'running' }] })
    expect(await (await fetch(`${base}api/runs/${hash}`)).json()).toMatchObject({ kind: 'track', outline: { kind: 'track', name: 'Speech' }, payload: { text: 'a/b' }, acts: [] })
    expect(JSON.stringify(await (await fetch(`${base}api/info`)).json())).not.toContain(server.secretKey)
    await end()
  })

  test('are found from the folder over which it runs; a file that names another machine is asked nothing', async () => {
    const session = async (url: string) => writeFile(join(folder, '.trigger-local/session.json'), JSON.stringify({ url, secretKey: server.secretKey, pid: 1 }))
    await mkdir(join(folder, '.trigger-local'))
    await session(server.url)
    expect(await inPipe(folder, ['view', '--trigger-local', '--export', 'local.html'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('opens from disk') as string })
    await session('http://198.51.100.1:80')
    expect(await inPipe(folder, ['view', '--trigger-local'])).toMatchObject({ exitCode: 1, err: expect.stringContaining('is no address of trigger-local') as string })
    await rm(join(folder, '.trigger-local'), { recursive: true })
  })

  test('are not told to who has another key', async () => {
    expect(await inPipe(folder, ['view', '--trigger-local', `${server.url}/#tr_dev_wrong`])).toMatchObject({ exitCode: 1, err: expect.stringContaining('does not know the key') as string })
  })
})

test.each([
  [['view', 'none'], 4, 'There is no run "none"'],
  [['view', '--port', 'x'], 2, '--port is a whole number from 1 to 65535'],
  [['view', '--export', '/dev/null/x.html'], 2, 'cannot be written'],
  [['view', '--supabase'], 3, 'names no history'],
  [['view', '--supabase', '--tenant', ''], 2, 'Say whose runs'],
  [['view', '--supabase', '--trigger-local'], 2, 'Choose one'],
  [['view', '--trigger-local'], 2, 'No trigger-local runs over this folder'],
  [['view', '--trigger-local', 'here'], 2, 'takes the address that trigger-local printed'],
  [['view', '--trigger-local', 'http://127.0.0.1:9'], 2, 'The address has no key'],
  [['view', '--trigger-local', 'https://elsewhere.example/#key'], 1, 'is no address of trigger-local'],
  [['view', '--trigger-local', 'http://127.0.0.1:9/#key'], 1, 'trigger-local does not answer at http://127.0.0.1:9'],
])('%j is told in a sentence', async (args, exitCode, said) => {
  expect(await inPipe(folder, args)).toMatchObject({ exitCode, err: expect.stringContaining(said) as string })
})
