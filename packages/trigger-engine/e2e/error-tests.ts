import { ContractError } from '@track-orchestrator/registry'
import { serverVersions, type ServerVersionName } from '@track-orchestrator/trigger-local'
import { describe, expect, test } from 'vitest'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
import type { OpenSession } from './cli-session.ts'
import { longMessage } from './fixture/strange.ts'

const place = { track: 'StrangeFailing', step: 'fails', taskName: 'strange_failure', attempt: 1 }
const versions = Object.keys(serverVersions) as ServerVersionName[]

/** Errors cross two runs, from task to track and from track to orchestrator, and are read by a backend. */
export function errorTests(open: OpenSession): void {
  describe.each(versions)('an error, on a Trigger.dev server of %s', (version) => {
    test.each([
      ['terminal', { name: 'TerminalError', code: 'media/no_audio', retryable: false, message: 'broken\nin two lines, für immer' }],
      ['quota', { name: 'QuotaError', code: 'provider_failed', retryable: true, retryAfterMs: 90_000, provider: 'Voices', status: 429, quota: { left: 0, of: 'characters' } }],
      ['long', { name: 'ProviderError', retryable: true, status: 503, message: longMessage, cause: { name: 'TypeError', message: 'fetch failed' } }],
      ['plain', { name: 'TracksError', code: 'task_failed', retryable: true, message: 'out of range' }],
    ])('is whole and has its place: %s', async (kind, expected) => {
      const run = await failed(kind)
      expect(run.status).toBe('FAILED')
      expect(errorOfRun(run)).toMatchObject({ ...expected, place })
    })

    test('keeps every issue of a contract that an output breaks, as far as the error itself holds them', async () => {
      const error = errorOfRun(await failed('contract')) as { issues?: unknown[] }
      expect(error).toMatchObject({ code: 'contract_violated', side: 'output', place })
      const made = new ContractError('t', 'output', Array.from({ length: 300 }, () => ({ path: [], message: '' })))
      expect(error.issues).toHaveLength(made.issues.length)
    })

    async function failed(kind: string) {
      const { server, run } = await open()
      const before = server.version
      server.version = version
      try {
        return await run('StrangeFlow', { tenantId: 't', projectId: 'p', kind })
      } finally {
        server.version = before
      }
    }
  })
}
