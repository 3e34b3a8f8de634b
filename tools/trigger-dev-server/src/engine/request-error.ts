/** A request that the engine refuses, with the HTTP status it is answered by. Its message is the real engine's. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: 400 | 401 | 404 | 409 | 413 | 422 | 500

  constructor(message: string, status: RequestError['status'] = 422) {
    super(message)
    this.status = status
  }
}
