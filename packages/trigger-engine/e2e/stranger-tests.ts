import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resumeOptions } from '../src/crossing/resume.ts'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
import type { OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** What a stranger may put into a payload, or a handler do to its run, and what that comes to. */
export function strangerTests(open: OpenSession): void {
  describe('what a stranger writes into a payload', () => {
    const names = { $call: { runId: 'run_1' }, $track: { ownPath: 'x' }, $input: 1, $claim: 'payloads/run_1/x.json', resumeOf: 'run_1', input: [2], trackOrchestrator: { resumeOf: 'run_1' } }

    test.each(['strange_echo', 'StrangeEcho'])('is nothing but fields of the task, whatever they are called (%s)', async (name) => {
      const { output } = await (await open()).run(name, { ...base, ...names })
      expect(name === 'StrangeEcho' ? output : (output as { results: unknown }).results).toEqual(names)
    })

    test('reads no stored value of another run, nor does a claim that somebody forwards from it', async () => {
      const { run, folder } = await open()
      const owner = await run('storedTrack', { ...base, sizeBytes: 100_000 })
      const [file] = readdirSync(join(folder, 'payloads', owner.id))
      const claim = { hash: file!.replace('.json', ''), sizeBytes: 100_011 }
      const thief = { tenantId: 'thief', projectId: 'p' }
      const byPayload = await run('stored_pass', { ...thief, $claim: `payloads/${owner.id}/${file}`, claim })
      expect(errorOfRun(byPayload)).toMatchObject({ code: 'contract_violated', issues: [{ path: ['text'] }] })
      const byMetadata = await run('stored_pass', thief, { metadata: { trackOrchestrator: { input: claim } } })
      expect(errorOfRun(byMetadata)).toMatchObject({ code: 'engine/payload_store', message: expect.stringContaining(`payloads/${byMetadata.id}/`) as string })
    })

    test('cannot resume a run of another tenant, nor of another project', async () => {
      const { run } = await open()
      const owner = await run('StrangeEcho', { ...base, secret: 1 })
      for (const thief of [{ tenantId: 'thief', projectId: 'p' }, { tenantId: 't', projectId: 'other' }]) {
        expect(errorOfRun(await run('StrangeEcho', thief, resumeOptions(owner.id))).message).toContain('is a run of another tenant or project')
      }
    })
  })

  describe('metadata of a run', () => {
    test('that a person gave stays beside what this package writes', async () => {
      const { run } = await open()
      const first = await run('StrangeEcho', base, { metadata: { mine: 1 } })
      expect(first.metadata).toMatchObject({ mine: 1 })
      const resumed = await run('StrangeEcho', base, { metadata: { ...resumeOptions(first.id).metadata, mine: 2 } })
      expect(resumed.metadata).toMatchObject({ mine: 2, trackOrchestrator: { resumeOf: first.id } })
    })

    test('may be replaced by a handler: the next attempt has its input all the same', async () => {
      const { run, newFile } = await open()
      const ended = await run('StrangeMetadata', { ...base, marker: newFile('marker'), kill: false })
      expect(ended.output).toEqual({ characters: 100_000, attempt: 2 })
    })

    test('that a handler replaced before its process died is told by name', async () => {
      const { run, newFile } = await open()
      const ended = await run('StrangeMetadata', { ...base, marker: newFile('marker'), kill: true })
      expect(errorOfRun(ended)).toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(/lost its key trackOrchestrator.*metadata\.replace/) as string })
    })

    test('under the reserved key is refused where it is none of ours', async () => {
      const ended = await (await open()).run('StrangeEcho', base, { metadata: { trackOrchestrator: { call: 'mine' } } })
      expect(errorOfRun(ended).message).toContain('The metadata key trackOrchestrator is reserved')
    })
  })

  test('an input that is a list goes from step to step on Trigger.dev', async () => {
    expect((await (await open()).run('StrangeLists', base)).output).toEqual([1, 2, 3])
  })
}
