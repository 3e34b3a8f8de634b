import { startR2Local, type R2Local } from '@track-orchestrator/r2-local'
import { afterAll, beforeAll } from 'vitest'
import { storageSuite } from '../testing/storage-suite.ts'
import { createR2Storage } from './r2-storage.ts'

let r2: R2Local
beforeAll(async () => {
  r2 = await startR2Local()
})
afterAll(() => r2?.stop())

storageSuite('An R2 storage, like every storage,', () => {
  const storage = createR2Storage(r2)
  return { storage, close: async () => storage.close() }
})
