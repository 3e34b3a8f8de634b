import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startR2Local, type R2Local } from '@track-orchestrator/r2-local'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createR2Storage, type R2Storage, type R2StorageOptions } from '../r2-storage/r2-storage.ts'
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from './fault-proxy.ts'

export const mebibyte = 1024 ** 2
export const video = { contentType: 'video/mp4' }

// What the tests of one file share, as `useFaultyR2` has opened it for them.
export let r2: R2Local
/** Stands between the storage and R2: nothing goes wrong with it at the beginning of a test. */
export let proxy: FaultProxy
/** One of its own for each test. */
export let storage: R2Storage
export let large: Buffer
export let largePath: string
export let smallPath: string
export let folder: string
let name: string
let keys = 0

/** Opens, for the tests of a file, R2 behind a proxy that fails as it is told, and files to store: a small one, and one of `largeBytes`. */
export function useFaultyR2(prefix: string, largeBytes: number): void {
  name = prefix
  beforeAll(async () => {
    r2 = await startR2Local()
    proxy = await startFaultProxy(r2.endpoint)
    folder = await mkdtemp(join(tmpdir(), `r2-${prefix}-`))
    large = randomBytes(largeBytes)
    largePath = join(folder, 'large.mp4')
    smallPath = join(folder, 'small.mp4')
    await writeFile(largePath, large)
    await writeFile(smallPath, 'small')
  })
  afterAll(async () => {
    await proxy?.close()
    await r2?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    proxy.fault = () => undefined
    proxy.seen.length = 0
    storage = openR2()
  })
  afterEach(() => storage.close())
}

/** Another storage, in parts of 5 MiB, behind the same proxy. */
export const openR2 = (options: Partial<R2StorageOptions> = {}): R2Storage => createR2Storage({ ...r2, endpoint: proxy.endpoint, partSizeBytes: 5 * mebibyte, ...options })

/** The test's storage, opened anew with other options. */
export function reopen(options: Partial<R2StorageOptions>): void {
  storage.close()
  storage = openR2(options)
}

export const newKey = (): string => `${name}/${++keys}.mp4`

/** A place in a folder with nothing in it, so that what is left behind is seen. */
export async function newTarget(): Promise<{ path: string; left: () => Promise<string[]> }> {
  const target = await mkdtemp(join(folder, 'target-'))
  return { path: join(target, 'file'), left: () => readdir(target) }
}

/** The first `times` requests of the kind go wrong. */
export function failing(matches: (request: SeenRequest) => boolean, times: number, fault: Fault): void {
  let failed = 0
  proxy.fault = (request) => (matches(request) && failed++ < times ? fault : undefined)
}

export const isPart = ({ method, path }: SeenRequest): boolean => method === 'PUT' && path.includes('partNumber=')
export const isBegin = ({ method, path }: SeenRequest): boolean => method === 'POST' && path.includes('uploads=')
export const isComplete = ({ method, path }: SeenRequest): boolean => method === 'POST' && path.includes('uploadId=')
export const isAbort = ({ method, path }: SeenRequest): boolean => method === 'DELETE' && path.includes('uploadId=')
