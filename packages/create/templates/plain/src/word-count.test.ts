import { createRunner } from '@track-orchestrator/core/in-process'
import { expect, test } from 'vitest'
import { flows } from './flows.ts'
import { wordCountTrack } from './tracks/word-count.track.ts'

const { registry, handlers } = flows
const runner = createRunner({ registry, handlers, defaults: { tenantId: 'test', projectId: 'test' } })

test('the words at a URL are counted', async () => {
  expect(await runner.runTrack(wordCountTrack, { url: 'data:text/plain,to be or not to be' })).toEqual({ words: 6 })
})

test('a payload without a url is refused before anything runs', async () => {
  // @ts-expect-error a track takes what its first task takes
  await expect(runner.runTrack(wordCountTrack, {})).rejects.toMatchObject({ code: 'contract_violated' })
})
