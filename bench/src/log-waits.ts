import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import type { SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createSupabaseLog } from '@track-orchestrator/supabase-logger'
import { z } from 'zod'
import { quantile } from './compare.ts'
import type { Measurement } from './measurement.ts'

const registry = defineRegistry({ wait: defineTask({ name: 'wait', input: z.any(), output: z.any() }) })
const handlers = { wait: () => sleep(50) as Promise<unknown> }
const track = { name: 'Waits', enableSupabaseLogging: true, tasks: Array.from({ length: 10 }, (_, index) => ({ taskName: 'wait' as const, id: `${index}` })) }
const payload = { tenantId: 't', projectId: 'p' }
const slowMs = 200

/** Whole runs in one process, from their beginning to their end, with a Supabase that is well, slow, silent or gone: none of them is to hold a run up. */
export async function measureLogWaits({ url, serviceRoleKey: key }: SupabaseLocal, folder: string): Promise<Measurement[]> {
  const slow = await passingOn(url, slowMs)
  const silent = await passingOn(url, Number.POSITIVE_INFINITY)
  const cases = { healthy: url, [`${slowMs} ms slower`]: slow.url, silent: silent.url, gone: 'http://127.0.0.1:1' }
  try {
    const measured: Measurement[] = []
    for (const [how, address] of Object.entries(cases)) measured.push(await measureRuns(how, createSupabaseLog({ url: address, key, spoolFolder: join(folder, `waits ${how}`), onNotice: () => undefined })))
    return measured
  } finally {
    for (const { server } of [slow, silent]) {
      server.closeAllConnections()
      server.close()
    }
  }
}

async function measureRuns(how: string, log: ReturnType<typeof createSupabaseLog>): Promise<Measurement> {
  const [without, logged] = [createRunner({ registry, handlers }), createRunner({ registry, handlers, logs: [log] })]
  const time = async (runner: typeof without) => {
    const start = performance.now()
    await runner.runTrack(track, payload)
    return performance.now() - start
  }
  await time(logged)
  const samples: { readonly bare: number; readonly ours: number }[] = []
  for (let round = 0; round < 7; round++) samples.push({ bare: await time(without), ours: await time(logged) })
  await log.close(0)
  const [bare, ours] = [quantile(samples.map((sample) => sample.bare), 0.5), quantile(samples.map((sample) => sample.ours), 0.5)]
  return { name: `a run of ten steps of 50 ms, its Supabase ${how}`, ratio: ours / bare, limit: 1.02, detail: `${ours.toFixed(1)} ms with the log, ${bare.toFixed(1)} ms without` }
}

/** Passes requests on after so long; where that is for ever, answers nothing. */
async function passingOn(url: string, afterMs: number): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((incoming, answer) => {
    if (afterMs === Number.POSITIVE_INFINITY) return
    const { method, headers } = incoming
    setTimeout(() => {
      const sent = request(new URL(incoming.url!, url), { method, headers }, (given) => {
        answer.writeHead(given.statusCode!, given.headers)
        given.pipe(answer)
      })
      sent.on('error', () => answer.destroy())
      incoming.pipe(sent)
    }, afterMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}
