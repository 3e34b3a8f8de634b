/**
 * `fetch` for calls with a key in hand. It follows no redirect: a key in a header of the service's own would go along to wherever it
 * leads. And the signal ends an answer that has begun, too: Node's `fetch` may forget its signal once the headers are there (when
 * memory is tidied up), and would then wait for the rest for ever. Nor does an answer fill the memory: errors end after 64 KiB, others after 512 MiB.
 */
export const vendorFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'error' })
  const { body, status, statusText, headers } = response
  if (!body) return response
  const bounded = upTo(response.ok ? mostAnswerBytes : mostErrorBytes, body, response.ok)
  const whole = init?.signal ? endedBy(init.signal, bounded) : bounded
  return response.ok ? new Response(whole, { status, statusText, headers }) : refusal(await textOf(whole, init?.signal), { status, statusText, headers })
}

/** A refusal whose body is called JSON and is none (a gateway's page, or cut off) is called a text: the SDKs would fail to read it, and forget the status. */
function refusal(text: string, { status, statusText, headers: given }: Pick<Response, 'status' | 'statusText' | 'headers'>): Response {
  const headers = new Headers(given)
  if (!isJson(text)) headers.set('content-type', 'text/plain')
  return new Response(text, { status, statusText, headers })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** As much as comes. */
async function textOf(body: ReadableStream<Uint8Array>, signal: AbortSignal | null | undefined): Promise<string> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (error) {
    if (signal?.aborted) throw error
  }
  return Buffer.concat(chunks).toString()
}

/** A refusal says what it has to in some hundred bytes. What follows is not read: the status says enough. */
const mostErrorBytes = 64 * 1_024
/** Half a day of speech, word by word, is a tenth of it. */
const mostAnswerBytes = 512 * 1_024 ** 2

/** As many bytes at most. What is over is an error, or left out. */
function upTo(mostBytes: number, body: ReadableStream<Uint8Array>, mustBeWhole: boolean): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = mostBytes
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) return controller.close()
      if (value.byteLength <= left) {
        left -= value.byteLength
        return controller.enqueue(value)
      }
      if (mustBeWhole) controller.error(new Error(`the answer has more than ${mostBytes} bytes`))
      else {
        controller.enqueue(value.subarray(0, left))
        controller.close()
      }
      await reader.cancel().catch(() => {})
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** The same bytes. When the signal aborts they end with its reason, and their connection is closed. */
function endedBy(signal: AbortSignal, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let stop = (): void => {}
  const release = () => signal.removeEventListener('abort', stop)
  return new ReadableStream({
    start(controller) {
      stop = () => {
        controller.error(signal.reason)
        reader.cancel(signal.reason).catch(() => {})
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    },
    async pull(controller) {
      const { done, value } = await reader.read()
      if (signal.aborted) return
      if (!done) return controller.enqueue(value)
      release()
      controller.close()
    },
    cancel(reason) {
      release()
      return reader.cancel(reason)
    },
  })
}
