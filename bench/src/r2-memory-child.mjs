// Stores one file in R2 and fetches it again, alone in a process; prints the most memory that the process ever took, and the times.
// Plain JavaScript on the built packages, as their users run them: nothing else is loaded that takes memory.
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'

const [options, source, copy] = process.argv.slice(2)
const storage = createR2Storage(JSON.parse(options))
const began = Date.now()
const { url } = await storage.put('bench/large.bin', source, { contentType: 'application/octet-stream' })
const stored = Date.now()
await storage.fetchToFile(url, copy)
const fetched = Date.now()
storage.close()
console.log(JSON.stringify({ peakKilobytes: process.resourceUsage().maxRSS, putMs: stored - began, fetchMs: fetched - stored }))
