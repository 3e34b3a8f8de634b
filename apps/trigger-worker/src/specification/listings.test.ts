import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import * as untyped from './2-2-untyped-track.ts'
import { tasks } from './2-3-task-registry.ts'
import type { TypedTrackDefinition } from './2-3-typed-track.ts'
import { compositeTrack } from './2-4-composite-track.ts'
import { runOrchestrator } from './3-2-untyped-orchestrator.ts'
import { runSingleTask } from './3-3-single-task.ts'
import { runMyFlow } from './4-3-end-to-end-flow.ts'
import { runTrack } from './execute-task.ts'
import { runYourTrack } from './readme-track.ts'

const track = (name: string): untyped.TrackDefinition => ({
  name,
  tasks: [{ taskName: 'first_task' }, { taskName: 'second_task', inputMapper: (prev) => ({ someField: prev.result }) }],
})

test('2.2 runs an untyped track', async () => {
  await expect(untyped.runTrack(track('T'))).resolves.toBeUndefined()
})

test('2.3 names the tasks of the registry, and a typed track may name no others', () => {
  expect(Object.keys(tasks)).toEqual(['media_audio_extract', 'video_strip_audios'])
  // @ts-expect-error there is no such task in the registry
  const wrong: TypedTrackDefinition = { name: 'T', tasks: [{ taskName: 'video_strip_audio' }] }
  expect(wrong.name).toBe('T')
})

test('2.4 defines a composite track that our runner runs', async () => {
  expect(await runTrack(compositeTrack, { n: 1 })).toEqual({ combinedAudio: { n: 1 }, combinedTranscription: { n: 1 } })
})

test('3.2 runs an untyped orchestrator', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const outputs = await runOrchestrator({ name: 'O', tracks: [track('A'), track('B')], trackDependencies: { B: ['A'] } })
  expect(Object.keys(outputs)).toEqual(['A', 'B'])
  expect(log.mock.calls).toEqual([['Starting track: A'], ['Starting track: B']])
})

test('3.3 runs a single task', async () => {
  expect(await runSingleTask('second_task', { someField: 'x' })).toEqual({ done: 'x!' })
})

test('the README\'s track runs inside a task, with the engine\'s own ctx, and keeps trampData', async () => {
  const trampData = { jobId: 'job123' }
  const answer = await runYourTrack.run({ tenantId: 'tenant123', projectId: 'project456', userId: 'user789', someField: 'value', trampData }, { ctx: {} })
  expect(answer).toEqual({ job: { success: true }, results: { trackOutput: { done: 'value!' } }, metadata: {}, trampData })
})

test('4.1-4.3 turn a real video into a real MP4', { timeout: 240_000 }, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await runMyFlow()
  const [said, merged] = log.mock.calls[0] as [string, { url: string }]
  expect(said).toBe('Merged final MP4:')
  expect(existsSync(fileURLToPath(merged.url))).toBe(true)
})
