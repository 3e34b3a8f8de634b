import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startVendorServer, type VendorServer } from '../testing/vendor-server.ts'
import { callProvider } from './call-provider.ts'
import { vendorFetch } from './vendor-fetch.ts'

// Node's fetch may forget its signal when memory is tidied up, and then reads on for ever: so memory is tidied up all the time here.
setFlagsFromString('--expose-gc')
const tidyUp = runInNewContext('gc') as () => void

let server: VendorServer
let tidying: NodeJS.Timeout
beforeEach(async () => {
  const body = Buffer.alloc(1_000, 'x')
  server = await startVendorServer(() => ({ status: 200, headers: {}, body }), { fault: ({ path }) => (path === '/stalled' ? { kind: 'stalled' } : path === '/silent' ? { kind: 'silent' } : undefined) })
  tidying = setInterval(tidyUp, 20)
})
afterEach(async () => {
  clearInterval(tidying)
  await server.close()
})

const options = { provider: 'P', apiKey: 'the-secret-key', explain: () => undefined }
const read = (path: string) => async (signal: AbortSignal) => (await vendorFetch(`${server.url}${path}`, { signal })).text()
const closed = async () => {
  while (server.underWay() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

test.each(Array.from({ length: 5 }, (_, place) => place))('An answer that never ends is given up in time, and its connection closed (%i)', async () => {
  const call = callProvider({ ...options, signal: new AbortController().signal, timeoutMs: 300 }, read('/stalled'))
  await expect(call).rejects.toMatchObject({ name: 'ProviderError', message: 'P had not answered to the end after 0.3 s' })
  await closed()
})

test.each([0, 1, 2])('An answer that never begins is given up in time, and its connection closed (%i)', async () => {
  const call = callProvider({ ...options, signal: new AbortController().signal, timeoutMs: 300 }, read('/silent'))
  await expect(call).rejects.toMatchObject({ name: 'ProviderError', message: 'P had not answered to the end after 0.3 s' })
  await closed()
})

test('An answer that is waited for by nobody any more is not read on', async () => {
  const cancel = new AbortController()
  setTimeout(() => cancel.abort(), 200)
  await expect(callProvider({ ...options, signal: cancel.signal, timeoutMs: 60_000 }, read('/stalled'))).rejects.toMatchObject({ code: 'cancelled' })
  await closed()
})

test('An answer is read to its end', async () => {
  const text = await callProvider({ ...options, signal: new AbortController().signal, timeoutMs: 60_000 }, read('/whole'))
  expect(text).toHaveLength(1_000)
})

test('A refusal without end is cut, and its status told', async () => {
  const endless = createServer((_request, response) => {
    response.writeHead(503)
    const timer = setInterval(() => response.write('x'.repeat(50_000)), 5)
    response.once('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
  const response = await vendorFetch(`http://127.0.0.1:${(endless.address() as AddressInfo).port}/`, { signal: new AbortController().signal })
  expect(response.status).toBe(503)
  expect(await response.text()).toHaveLength(64 * 1_024)
  endless.closeAllConnections()
  await new Promise((resolve) => endless.close(resolve))
})
