import type { LocalApi } from './local-api.ts'

/** Where the SDK puts payloads and outputs above 128 KB. Answers as an instance without an object store: such a call fails. */
export function addPacketRoutes({ app }: LocalApi): void {
  for (const version of ['v1', 'v2']) {
    app.all(`/api/${version}/packets/*`, (context) =>
      context.json({ error: 'Failed to generate presigned URL: Object store is not configured for protocol: default' }, 500))
  }
}
