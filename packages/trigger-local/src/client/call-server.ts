/** Where a server is, and what it is called with. */
export interface ServerAddress {
  readonly url: string
  readonly secretKey: string
}

/** Calls the server and gives its answer. Rejects with the server's own message where it refuses. */
export async function callServer<T>({ url, secretKey }: ServerAddress, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${messageIn(await response.text())}`)
  return (await response.json()) as T
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' ? error : text
  } catch {
    return text
  }
}
