import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { expect, test } from 'vitest'
import { checkProject, placeholderProjectRef, readEnvironment, readProjectRef, readSpeechServices, variableNames } from './environment.ts'

test('what is set is read, and the rest has its defaults', () => {
  const read = readEnvironment({ STORAGE_FOLDER: '/storage', READABLE_FOLDERS: ['/a', '/b'].join(delimiter), ENCODER_THREADS: '2', FFMPEG_PATH: '', PATH: '/bin' })
  expect(read).toEqual({ storageFolder: '/storage', r2: undefined, readableFolders: ['/a', '/b'], temporaryFolder: undefined, encoderThreads: 2, transcodeConcurrency: 10, flowConcurrency: 5, cleanup: 'none', programs: { FFMPEG_PATH: undefined, FFPROBE_PATH: undefined, PATH: '/bin' }, speech: {}, supabase: undefined })
})

test('of Supabase and R2, all that belongs together is given or none', () => {
  const required = { STORAGE_FOLDER: '/storage' }
  const r2 = { R2_ACCOUNT_ID: 'abc', R2_ACCESS_KEY_ID: 'id', R2_SECRET_ACCESS_KEY: 'secret', R2_BUCKET: 'media' }
  expect(readEnvironment({ ...required, SUPABASE_URL: 'https://abc.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'key' }).supabase).toEqual({ url: 'https://abc.supabase.co', key: 'key' })
  expect(readEnvironment(r2)).toMatchObject({ storageFolder: undefined, r2: { accountId: 'abc', accessKeyId: 'id', secretAccessKey: 'secret', bucket: 'media' } })
  expect(() => readEnvironment({ R2_PUBLIC_URL: 'https://hunter2', SUPABASE_SERVICE_ROLE_KEY: 'hunter2', FLOW_CONCURRENCY: '0' })).toThrow(`.env.example):
  FLOW_CONCURRENCY must be 1 or more
  R2_ACCESS_KEY_ID is missing
  R2_SECRET_ACCESS_KEY is missing
  R2_BUCKET is missing
  R2_ACCOUNT_ID is missing
  SUPABASE_URL is missing`)
})

test('one error names all that is missing or malformed, and repeats no value', () => {
  const read = () => readEnvironment({ TRIGGER_PROJECT_REF: 'hunter2', TRIGGER_API_URL: 'ftp://hunter2', READABLE_FOLDERS: '/a:hunter2:hunter2', ENCODER_THREADS: 'hunter2', TRANSCODE_CONCURRENCY: '0', CLEANUP: 'hunter2', DEEPGRAM_API_KEY: 'hunter2 hunter2', ELEVENLABS_BASE_URL: 'hunter2' })
  expect(read).toThrow(`The environment of this worker is not as it must be (see apps/trigger-worker/.env.example):
  TRIGGER_PROJECT_REF must look like proj_abc…
  TRIGGER_API_URL must be an http(s) URL
  READABLE_FOLDERS must be an absolute path
  ENCODER_THREADS must be a whole number
  TRANSCODE_CONCURRENCY must be 1 or more
  CLEANUP must be none, immediate or delayed
  DEEPGRAM_API_KEY must be one word, without spaces, also at its end
  ELEVENLABS_BASE_URL must be an http(s) URL
  STORAGE_FOLDER is missing`)
  expect(read).not.toThrow('hunter2')
})

test.each(['1e3', '0x10', '-1', '1.5', 'Infinity', 'NaN', '5 6', '1_000'])('strange numbers are refused, such as %s', (value) => {
  expect(() => readEnvironment({ STORAGE_FOLDER: '/storage', ENCODER_THREADS: value })).toThrow('ENCODER_THREADS must be a whole number')
})

test('a number has a range, and nothing, or blanks, is the default', () => {
  expect(() => readEnvironment({ STORAGE_FOLDER: '/storage', ENCODER_THREADS: '129', FLOW_CONCURRENCY: '100001' })).toThrow('ENCODER_THREADS must be 128 or less\n  FLOW_CONCURRENCY must be 100000 or less')
  expect(readEnvironment({ STORAGE_FOLDER: '/storage', ENCODER_THREADS: ' ', TRANSCODE_CONCURRENCY: undefined, FLOW_CONCURRENCY: ' 7 ' })).toMatchObject({ encoderThreads: 0, transcodeConcurrency: 10, flowConcurrency: 7 })
})

test('a key brings in its service, and nothing else does', () => {
  expect(readSpeechServices({ DEEPGRAM_MODEL: 'nova-3', ELEVENLABS_VOICES: 'a' })).toEqual({})
  expect(readSpeechServices({ DEEPGRAM_API_KEY: 'd', DEEPGRAM_BASE_URL: 'https://api.eu.deepgram.com', ELEVENLABS_API_KEY: 'e', ELEVENLABS_VOICES: 'one, two' })).toEqual({
    deepgram: { apiKey: 'd', baseUrl: 'https://api.eu.deepgram.com', model: undefined },
    elevenLabs: { apiKey: 'e', baseUrl: undefined, model: undefined, voices: ['one', 'two'] },
  })
})

test('the project has a placeholder, with which no real instance is called', () => {
  expect(readProjectRef({})).toBe(placeholderProjectRef)
  expect(() => checkProject({ TRIGGER_API_URL: 'https://trigger.example.com' })).toThrow('TRIGGER_PROJECT_REF is missing')
  expect(() => checkProject({ TRIGGER_PROJECT_REF: 'proj_abc' })).not.toThrow()
})

test('.env.example names exactly the variables that are read, with a line of explanation each', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').trim().split('\n').filter((line) => line !== '')
  const named = lines.flatMap((line, index) => (line.startsWith('#') ? [] : [{ name: line.split('=')[0], explanation: lines[index - 1] }]))
  expect(named.map(({ name }) => name)).toEqual(variableNames)
  for (const { explanation } of named) expect(explanation).toMatch(/^# \S+/)
})
