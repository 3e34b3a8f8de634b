import { startVendorServer, type VendorAnswer, type VendorCall, type VendorServer, type VendorServerOptions } from './vendor-server.ts'

export interface DeepgramServerOptions extends VendorServerOptions {
  /** What is heard, as Deepgram answers. */
  readonly answer: unknown
  /** The key it knows. Default: it takes any. */
  readonly apiKey?: string
}

export interface DeepgramServer extends VendorServer {
  /** Bytes of each sound that it was sent or has fetched, in the order of the calls that were answered. */
  readonly heardBytes: readonly number[]
}

/** `POST /v1/listen` as Deepgram's API reference has it: a sound as it is, or by a URL, which it fetches. It hears what it is told to. */
export async function startDeepgramServer({ answer, apiKey, ...options }: DeepgramServerOptions): Promise<DeepgramServer> {
  const heardBytes: number[] = []
  const listen = async (call: VendorCall): Promise<VendorAnswer> => {
    if (call.method !== 'POST' || call.path !== '/v1/listen') return json(404, { err_code: 'NOT_FOUND', err_msg: 'Not Found', request_id: requestId })
    if (apiKey !== undefined && call.headers['authorization'] !== `Token ${apiKey}`) {
      return json(401, { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.', request_id: requestId })
    }
    const url = (call.json as { url?: unknown } | undefined)?.url
    const sound = typeof url === 'string' ? await fetchSound(url) : call.body.length
    if (sound === undefined) return json(400, { err_code: 'REMOTE_CONTENT_ERROR', err_msg: `Could not fetch the remote content: ${String(url)}`, request_id: requestId })
    if (sound === 0) return json(400, { err_code: 'Bad Request', err_msg: 'Bad Request: failed to process audio: corrupt or unsupported data', request_id: requestId })
    heardBytes.push(sound)
    return json(200, answer)
  }
  return { ...(await startVendorServer(listen, options)), heardBytes }
}

const requestId = '7c3f2a4e-0000-4000-8000-000000000001'

const json = (status: number, body: unknown): VendorAnswer => ({ status, headers: { 'content-type': 'application/json', 'dg-request-id': requestId }, body: Buffer.from(JSON.stringify(body)) })

async function fetchSound(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url)
    return response.ok ? (await response.arrayBuffer()).byteLength : undefined
  } catch {
    return undefined
  }
}
