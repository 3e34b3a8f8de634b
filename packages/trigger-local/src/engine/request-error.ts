/** A request that the engine refuses, with the HTTP status and headers it is answered by. Its message is the real engine's. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500
  readonly headers: Readonly<Record<string, string>>

  constructor(message: string, status: RequestError['status'] = 422, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}
