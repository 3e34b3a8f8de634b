import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { linesOf, type CliSession, type OpenSession } from './cli-session.ts'

const pathOf = (from: string) => fileURLToPath(new URL(from, import.meta.url))
const [start, command, config] = [pathOf('../../../tools/start.mjs'), pathOf('../../cli/src/main.ts'), pathOf('./fixture/tracks.config.ts')]

/** The `tracks` command on the runs of Trigger.dev, as a person calls it. */
export function tracksCommandTests(open: OpenSession): void {
  describe('tracks --engine trigger', { timeout: 240_000 }, () => {
    test('runs, shows, resumes and forks a run, and lists what came of it', async () => {
      const session = await open()
      const [journal, gate] = [session.newFile('told'), session.newFile('gate')]
      const failed = await tracks(session, 'run', 'GoingOn', 'n=1', `journal=${journal}`, `gate=${gate}`)
      const runId = /Run (run_\w+) on Trigger\.dev/.exec(failed.out)![1]!
      expect(failed).toMatchObject({ exitCode: 1, out: expect.stringMatching(new RegExp(`failed after .*join is not let in yet\\nGo on with it: {2}tracks resume\\s${runId}\\s--engine\\strigger`)) as string })

      const shown = await tracks(session, 'show', runId)
      expect(shown.out).toMatch(/^GoingOnText\/each\[1\] +succeeded/m)
      expect(shown.out).toMatch(/^GoingOnEnd\/join +failed +.* 1 +.*join is not let in yet/m)

      writeFileSync(gate, '')
      const before = linesOf(journal).length
      const resumed = await tracks(session, 'resume', runId)
      expect(resumed).toMatchObject({ exitCode: 0, out: expect.stringContaining('"n": 2214') as string })
      expect(linesOf(journal).slice(before)).toEqual(['join', 'last', 'final'])

      const forked = await tracks(session, 'fork', runId, '--from', 'each[1]', '--set', 'n=50', '--json')
      const events = forked.out.trim().split('\n').map((line) => JSON.parse(line) as { type: string; runId: string })
      expect(events.at(-1)).toMatchObject({ type: 'result', status: 'succeeded', output: { n: 2_310 } })

      const listed = JSON.parse((await tracks(session, 'runs', '--limit', '3', '--json')).out) as object[]
      expect(listed).toMatchObject([{ runId: events.at(-1)!.runId, status: 'succeeded' }, { status: 'succeeded' }, { runId, status: 'failed', tenantId: 'globex' }])
      await tracks(session, 'export', runId, '--perfetto', '--out', `${gate}.json`)
      expect(readFileSync(`${gate}.json`, 'utf8')).toContain('GoingOn/GoingOnText/sum')
    })

    test('cancels all that a filter finds, and goes on with them', async () => {
      const session = await open()
      const begin = (projectId: string) => {
        const journal = session.newFile(projectId)
        const stop = new AbortController()
        return { journal, stop, ended: tracks({ ...session, signal: stop.signal }, 'run', 'SuiteLongSleep', `journal=${journal}`, '--tenant', 'bulk', '--project', projectId) }
      }
      const runs = [begin('one'), begin('two')]
      for (const { journal, stop, ended } of runs) {
        await expect.poll(() => linesOf(journal)).toEqual(['begin long'])
        stop.abort()
        await ended
      }
      const cancelled = JSON.parse((await tracks(session, 'cancel', '--tenant', 'bulk', '--project', 'two', '--json')).out) as { cancelled: string[] }
      expect(cancelled).toEqual({ cancelled: [expect.stringMatching(/^run_/)] })
      expect((await tracks(session, 'cancel', '--tenant', 'bulk')).out).toMatch(/^Run run_\w+ is cancelled\. Go on with it:\s+tracks resume run_\w+ --engine trigger --config \S+tracks\.config\.ts\n$/)
      expect((await tracks(session, 'cancel', '--tenant', 'bulk')).out).toBe('No such run is running.\n')
      for (const { journal } of runs) await expect.poll(() => linesOf(journal)).toEqual(['begin long', 'stopped long'])

      const stop = new AbortController()
      const resuming = tracks({ ...session, signal: stop.signal }, 'resume', '--tenant', 'bulk')
      for (const { journal } of runs) await expect.poll(() => linesOf(journal)).toEqual(['begin long', 'stopped long', 'begin long'])
      stop.abort()
      expect((await resuming).out.match(/Run run_\w+ goes on\./g)).toHaveLength(2)
      await tracks(session, 'cancel', '--tenant', 'bulk')
    })

    test('cancels a run, and says in a line what Trigger.dev cannot answer', async () => {
      const session = await open()
      const journal = session.newFile('long')
      const stop = new AbortController()
      const leaving = tracks({ ...session, signal: stop.signal }, 'run', 'SuiteLongSleep', `journal=${journal}`)
      await expect.poll(() => linesOf(journal)).toEqual(['begin long'])
      stop.abort()
      const left = await leaving
      expect(left).toMatchObject({ exitCode: 130, out: expect.stringMatching(/Run run_\w+ goes on\./) as string })
      const runId = /Run (run_\w+)/.exec(left.out)![1]!
      const [cancelled, why, none, unconfigured] = await Promise.all([
        tracks(session, 'cancel', runId), tracks(session, 'why', runId), tracks(session, 'show', 'run_none'), tracks({ ...session, secretKey: '' }, 'runs'),
      ])
      expect(cancelled).toMatchObject({ exitCode: 0, out: expect.stringContaining('is cancelled') as string })
      expect(why).toMatchObject({ exitCode: 2, err: expect.stringMatching(/^Trigger\.dev keeps keys, not reasons.*\n$/) as string })
      expect(none).toMatchObject({ exitCode: 4, err: expect.stringContaining('run_none') as string })
      expect(unconfigured).toMatchObject({ exitCode: 3, err: expect.stringContaining('TRIGGER_SECRET_KEY') as string })
      await expect.poll(() => linesOf(journal)).toEqual(['begin long', 'stopped long'])
    })
  })
}

/** `signal`: as Ctrl-C. */
async function tracks({ server, folder, signal, secretKey = server.secretKey }: CliSession & { readonly signal?: AbortSignal; readonly secretKey?: string }, ...args: string[]) {
  const env = { PATH: process.env['PATH'], HOME: folder, COLUMNS: '200', TRIGGER_API_URL: server.url, TRIGGER_SECRET_KEY: secretKey }
  const child = spawn(process.execPath, ['--conditions=@track-orchestrator/source', start, command, ...args, '--engine', 'trigger', '--config', config], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  signal?.addEventListener('abort', () => child.kill('SIGINT'))
  const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.on('exit', resolve))])
  return { out, err, exitCode }
}
