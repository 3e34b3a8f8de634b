import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { findFfmpeg, type Storage } from '@track-orchestrator/media-tasks'
import { createRunReader } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import type { Environment } from './environment.ts'
import { openStorage } from './worker-tools.ts'

/** How long a service may take to answer. Milliseconds. */
const timeoutMs = 10_000

/** What `tracks check` touches: programs, storage, and every service of which there is a key. Each says what it found, or throws what to do. */
export function checksOf(environment: Environment): Readonly<Record<string, () => Promise<string>>> {
  const { programs, speech, supabase } = environment
  const { deepgram, elevenLabs, translator } = speech
  return {
    ffmpeg: async () => {
      const { version, source, notes } = await findFfmpeg({ env: programs })
      return [`${version}, found by ${source}`, ...notes].join('. ')
    },
    storage: () => touchStorage(openStorage(environment), environment.r2 ? `bucket ${environment.r2.bucket}` : environment.storageFolder!),
    ...(deepgram && { Deepgram: () => touchService('DEEPGRAM_API_KEY', `${deepgram.baseUrl ?? 'https://api.deepgram.com'}/v1/projects`, { authorization: `Token ${deepgram.apiKey}` }) }),
    ...(elevenLabs && { ElevenLabs: () => touchService('ELEVENLABS_API_KEY', `${elevenLabs.baseUrl ?? 'https://api.elevenlabs.io'}/v1/voices`, { 'xi-api-key': elevenLabs.apiKey }) }),
    ...(translator && { translator: () => touchService('TRANSLATOR_API_KEY', `${translator.baseUrl ?? 'https://api.openai.com/v1'}/models`, { authorization: `Bearer ${translator.apiKey}` }) }),
    ...(supabase && {
      Supabase: async () => {
        const client = createClient(supabase.url, supabase.key, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })
        const { runs } = await createRunReader(client, { timeoutMs }).listRuns({ tenantId: 'nobody', limit: 1 })
        return `the history can be read (${runs.length} runs of nobody)`
      },
    }),
  }
}

/** Writes, finds and removes a file of its own. */
async function touchStorage(storage: Storage, where: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tracks-check-'))
  const key = `check/${randomUUID()}.txt`
  try {
    await writeFile(join(folder, 'check.txt'), 'check')
    await storage.put(key, join(folder, 'check.txt'), { contentType: 'text/plain' })
    if (!(await storage.head(key))) throw new Error(`${where} took a file and does not have it: is it a bucket of eventual consistency?`)
    await storage.delete(key)
    return `${where}: a file was written, found and removed`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function touchService(variable: string, url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { origin } = new URL(url)
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
    throw new Error(`Nobody answers at ${origin}. Look at the network, or take ${variable} away to do without.`, { cause })
  })
  await answer.body?.cancel()
  if (answer.status === 401 || answer.status === 403) throw new Error(`${origin} refuses the key in ${variable} (${answer.status}): make a new one, or take it away to do without.`)
  if (!answer.ok) throw new Error(`${origin} answered ${answer.status}: its service has trouble, or the address is another one's.`)
  return `${origin} takes the key`
}
