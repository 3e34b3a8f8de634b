import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installServer } from '../server/install.mjs'

export interface R2LocalOptions {
  /** Default `media`. */
  readonly bucket?: string
  /** More buckets, with the same credentials. */
  readonly otherBuckets?: readonly string[]
  /** Whether it takes one write a second of the same key only, and answers 429 to others, as R2 does. Default true. */
  readonly limitWrites?: boolean
}

/** An R2 endpoint on this machine: what an S3 client needs to reach it. Spread, it gives options of `createR2Storage` and nothing else. */
export interface R2Local {
  /** `http://127.0.0.1:<port>/cdn-cgi/local/r2/s3`, for clients that put the bucket into the path. */
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly bucket: string
  /** The process that serves it. */
  readonly pid: number
  /** Ends it, and removes all that was stored. */
  stop(): Promise<void>
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000

/**
 * Starts Cloudflare's own local R2 (Miniflare) in a process of its own, on loopback and a free port, with an empty bucket and made-up
 * credentials that it checks. What it needs is installed first, where it is not yet. It ends, and removes its files, when `stop` is called or this process dies.
 */
export async function startR2Local({ bucket = 'media', otherBuckets = [], limitWrites = true }: R2LocalOptions = {}): Promise<R2Local> {
  await installServer()
  const folder = await mkdtemp(join(tmpdir(), 'r2-local-'))
  const credentials = { accessKeyId: randomBytes(16).toString('hex'), secretAccessKey: randomBytes(32).toString('hex') }
  const program = fileURLToPath(new URL('../server/r2-process.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify({ folder, buckets: [bucket, ...otherBuckets], limitWrites, ...credentials })], {
    // Flags that this process was given are not for the other one; what Miniflare leaves in the temporary folder goes with the rest.
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  try {
    const hidden = {
      pid: { value: child.pid },
      stop: { value: () => stop(child).then(() => rm(folder, { recursive: true, force: true, maxRetries: 3 })) },
      $source: { value: {} }, // the AWS SDK writes notes into credentials that it is given, under this name
    }
    return Object.defineProperties({ ...credentials, bucket, endpoint: await endpointOf(child) }, hidden) as R2Local
  } catch (error) {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    throw error
  }
}

async function endpointOf(child: ChildProcess): Promise<string> {
  let complaint = ''
  child.stderr?.on('data', (chunk) => (complaint = `${complaint}${String(chunk)}`.slice(-2_000)))
  const stopWaiting = new AbortController()
  const timer = setTimeout(() => stopWaiting.abort(), startTimeoutMs)
  try {
    const failed = once(child, 'exit', { signal: stopWaiting.signal }).then(([code]) => {
      throw new Error(`It ended with ${String(code)}: ${complaint}`)
    })
    const answer = await Promise.race([once(child, 'message', { signal: stopWaiting.signal }), failed])
    failed.catch(() => {})
    return (answer[0] as { endpoint: string }).endpoint
  } catch (cause) {
    throw new Error('The local R2 did not start', { cause })
  } finally {
    clearTimeout(timer)
    stopWaiting.abort()
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(timer)
}
