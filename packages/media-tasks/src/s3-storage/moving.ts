import type { Readable } from 'node:stream'

/** What is next to nothing: a modem brought more. */
const leastBytesPerSecond = 1_000

/** The same bytes, as long as some come: where in `windowMs` next to nothing has come, it ends with the error. Closes the body. */
export async function* moving(body: Readable, windowMs: number, standstill: () => Error): AsyncGenerator<Buffer> {
  let received = 0
  let looked = 0
  // While the bytes are being written to a slow disk, none can come: time counts while we wait for the body only.
  let waiting = false
  const watch = setInterval(() => {
    if (waiting && received - looked < (leastBytesPerSecond * windowMs) / 1_000) body.destroy(standstill())
    looked = received
  }, windowMs)
  try {
    waiting = true
    for await (const chunk of body as AsyncIterable<Buffer>) {
      waiting = false
      received += chunk.length
      yield chunk
      waiting = true
    }
  } finally {
    clearInterval(watch)
    body.destroy()
  }
}
