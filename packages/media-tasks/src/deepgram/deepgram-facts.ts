/** Facts for the envelope: the request's id, to ask Deepgram about it, and the seconds that it charges for. */
export function factsOf(answer: unknown): Readonly<Record<string, unknown>> {
  const { request_id: requestId, duration, channels } = ((answer as { metadata?: unknown } | null | undefined)?.metadata ?? {}) as Record<string, unknown>
  return {
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof duration === 'number' && { heardSeconds: duration }),
    ...(typeof channels === 'number' && { channels }),
  }
}
