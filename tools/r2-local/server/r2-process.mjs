// The program of the child process. Plain JavaScript, so that it starts without a loader.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Miniflare } from 'miniflare'
import { startWriteLimit } from './write-limit.mjs'

const { folder, buckets, limitWrites, accessKeyId, secretAccessKey } = JSON.parse(process.argv[2])

const miniflare = new Miniflare({
  modules: true,
  script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
  host: '127.0.0.1',
  port: 0,
  cf: false, // else it would ask the network for facts about a request
  r2Persist: join(folder, 'objects'),
  r2Buckets: Object.fromEntries(buckets.map((id, place) => [`BUCKET_${place}`, { id, s3Credentials: { accessKeyId, secretAccessKey } }])),
})

let stopping
const stop = () => {
  stopping ??= miniflare
    .dispose()
    .catch(() => {})
    .then(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    .finally(() => process.exit())
}
// Also when the parent is killed: the channel between the two closes then. Signals to the group are the parent's to act upon.
process.on('disconnect', stop)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

const url = await miniflare.ready
process.send({ endpoint: new URL('/cdn-cgi/local/r2/s3', limitWrites ? await startWriteLimit(url) : url).href })
