/**
 * `fetch` for calls with a key in hand. It follows no redirect: a key in a header of the service's own would go along to wherever it
 * leads. And the signal ends an answer that has begun, too: Node's `fetch` may forget its signal once the headers are there (when
 * memory is tidied up), and would then wait for the rest for ever.
 */
export const vendorFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'error' })
  const { body, status, statusText, headers } = response
  if (!body || !init?.signal) return response
  return new Response(endedBy(init.signal, body), { status, statusText, headers })
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
