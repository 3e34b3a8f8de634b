import { ProviderError, TerminalError, TracksError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { describeFailure, ProgramError } from './describe-failure.ts'

const system = (code: string, message: string, path?: string) => Object.assign(new Error(`${code}: ${message}, open${path === undefined ? '' : ` '${path}'`}`), { code, syscall: 'open', ...(path !== undefined && { path }) })
const place = { track: 'Audio', step: 'extract' }
const failed = (cause: Error) => new TracksError(cause.message, { code: 'task_failed', retryable: true, cause, place })

test.each([
  [new ProgramError('out is a folder'), 'out is a folder'],
  [new TerminalError('no sound', { code: 'media/no_audio', place }), 'Audio > extract: no sound [media/no_audio]'],
  [new ProviderError('Deepgram answered 401', { provider: 'Deepgram', status: 401 }), 'Deepgram answered 401 [provider_failed]'],
  [system('EACCES', 'permission denied', '/root/x'), 'permission denied (EACCES): /root/x'],
  [failed(system('EROFS', 'read-only file system')), 'Audio > extract: read-only file system (EROFS)'],
  [failed(system('ENOSPC', 'no space left on device')), 'Audio > extract: The disk is full: ENOSPC: no space left on device, open'],
  [new TracksError('ffmpeg could not encode (exit code 1): a.mkv: No space left on device', { code: 'media/ffmpeg_failed', retryable: true, place }), 'Audio > extract: The disk is full: ffmpeg could not encode (exit code 1): a.mkv: No space left on device'],
  [new TerminalError('\u001B[2J\u202Egone\nMP4  fake.mp4', { code: 'media/not_media' }), '\\u001b[2J\\u202egone MP4  fake.mp4 [media/not_media]'],
])('%o is told in a sentence', (error, sentence) => {
  expect(describeFailure(error)).toBe(sentence)
})

test('a mistake of ours keeps its trace, and no control character with it', () => {
  const mistake = new TypeError('x is not \u009B a function')
  for (const error of [mistake, failed(mistake)]) {
    expect(describeFailure(error)).toMatch(/TypeError: x is not \\u009b a function\n +at /)
  }
})

test.each([
  [undefined, 'undefined'],
  ['text', 'text'],
  [Object.create(null), '[Object: null prototype] {}'],
])('%o, thrown, is told somehow', (thrown, told) => {
  expect(describeFailure(thrown)).toBe(told)
})
