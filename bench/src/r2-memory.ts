import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startR2Local } from '@track-orchestrator/r2-local'
import type { Measurement } from './measurement.ts'

const sizeBytes = 2_000_000_000
const limitMegabytes = 250

/** Peak memory of a Node process that stores a large file in R2 and fetches it again: it must not grow with the size. */
export async function measureR2Memory(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-r2-'))
  const r2 = await startR2Local()
  try {
    const [source, copy] = [join(folder, 'source'), join(folder, 'copy')]
    await writeSparse(source)
    const { peakKilobytes, putMs, fetchMs } = await storeAndFetch(r2, source, copy)
    if ((await hashOf(source)) !== (await hashOf(copy))) throw new Error('What was fetched is not what was stored')
    const peakMegabytes = (peakKilobytes * 1_024) / 1e6
    const detail = `peak ${peakMegabytes.toFixed(0)} MB of ${limitMegabytes} MB, ${sizeBytes / 1e9} GB stored in ${seconds(putMs)} and fetched in ${seconds(fetchMs)}`
    return [{ name: 'memory of storing in R2 and fetching', ratio: peakMegabytes / limitMegabytes, limit: 1, detail }]
  } finally {
    await r2.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Nothing for the most part, so that it takes no room; a few marks, so that what comes back in another order is seen. */
async function writeSparse(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.truncate(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 1e8) await file.write(randomBytes(1_000), 0, 1_000, at)
  } finally {
    await file.close()
  }
}

interface Told {
  readonly peakKilobytes: number
  readonly putMs: number
  readonly fetchMs: number
}

async function storeAndFetch(options: object, source: string, copy: string): Promise<Told> {
  const program = fileURLToPath(new URL('r2-memory-child.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify(options), source, copy], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`Storing and fetching ended with ${code}`)
  return JSON.parse(output) as Told
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1e6 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`
