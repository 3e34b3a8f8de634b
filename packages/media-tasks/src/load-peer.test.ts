import { expect, test } from 'vitest'
import { loadPeer } from './load-peer.ts'

const name: string = '@track-orchestrator/nothing-of-the-kind'

test('a package that is not installed is named, with what to do about it', async () => {
  await expect(loadPeer('createX', name, () => import(name) as Promise<unknown>)).rejects.toMatchObject({
    name: 'TerminalError',
    code: 'media/package_missing',
    retryable: false,
    message: `createX needs the package ${name}: npm install ${name}`,
  })
})

test('a package that is there but broken says so itself', async () => {
  const broken = new SyntaxError('Unexpected token')
  await expect(loadPeer('createX', name, () => Promise.reject(broken))).rejects.toBe(broken)
  const other = Object.assign(new Error("Cannot find package 'ws'"), { code: 'ERR_MODULE_NOT_FOUND' })
  await expect(loadPeer('createX', name, () => Promise.reject(other))).rejects.toBe(other)
})

test('what a bundler gives as the default export alone is had by its names', async () => {
  const captions = { webvtt: () => 'WEBVTT' }
  expect(await loadPeer('createDeepgram', 'x', () => Promise.resolve({ default: captions }))).toBe(captions)
  expect(await loadPeer('createDeepgram', 'x', () => Promise.resolve({ default: captions, ...captions }))).toEqual({ default: captions, ...captions })
})
