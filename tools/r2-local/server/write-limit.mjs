// A server before another that takes one write a second of each key, as R2 does. Plain JavaScript, for the program of the child process.
import { createServer, request } from 'node:http'

const secondMs = 1_000
const tooMany = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>TooManyRequests</Code><Message>Reduce your concurrent request rate for the same object.</Message></Error>'

/** Passes everything on to `target` but writes of a key that was written to less than a second ago, or is being written to. Gives its address. */
export async function startWriteLimit(target) {
  const { hostname, port } = new URL(target)
  const taken = new Map()
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const write = writeOf(method, url)
    const last = write && taken.get(write.key)
    // An upload that was completed is not completed again: R2 says that it does not know it.
    const isLimited = last !== undefined && last.until > Date.now() && (write.uploadId === undefined || write.uploadId !== last.uploadId)
    const tell = () => outgoing.writeHead(429, { 'content-type': 'application/xml' }).end(tooMany)
    if (isLimited && write.uploadId !== undefined) return incoming.resume().once('end', tell)
    if (write && !isLimited) taken.set(write.key, { ...write, until: Infinity })
    // Whoever may not write is told so first. Who may, finds that the object exists, and writes nothing.
    const asked = isLimited ? { 'if-none-match': '*' } : {}
    const passedOn = request({ hostname, port, method, path: url, headers: { ...headers, ...asked }, agent: false }, (answer) => {
      if (isLimited && answer.statusCode === 412 && headers['if-none-match'] === undefined) return answer.resume().once('end', tell)
      if (write && !isLimited) taken.set(write.key, { ...write, until: answer.statusCode < 300 ? Date.now() + secondMs : 0 })
      outgoing.writeHead(answer.statusCode, answer.headers)
      return answer.pipe(outgoing)
    })
    passedOn.on('error', () => {
      if (write && !isLimited) taken.delete(write.key)
      outgoing.destroy()
    })
    outgoing.on('close', () => passedOn.destroy())
    return incoming.pipe(passedOn)
  })
  // A connection that is used again may just have been closed by the other side: no faults but those that are R2's own.
  server.keepAliveTimeout = 600_000
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${server.address().port}`
}

/** What object the request makes, if any: a whole one, or one of the parts that were sent. */
function writeOf(method, url) {
  const { pathname: key, searchParams } = new URL(url, 'http://localhost')
  if (method === 'PUT' && !searchParams.has('partNumber')) return { key }
  const uploadId = searchParams.get('uploadId')
  return method === 'POST' && uploadId !== null ? { key, uploadId } : undefined
}
