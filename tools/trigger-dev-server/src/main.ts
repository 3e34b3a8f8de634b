#!/usr/bin/env -S node --import tsx
import { parseArgs } from 'node:util'
import { startTriggerDevServer } from './start-trigger-dev-server.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' } } })
const server = await startTriggerDevServer({ port: Number(values.port), host: values.host, log: (line) => console.error(line) })
console.log(`A local Trigger.dev API listens. For \`trigger dev\` and the SDK:

  export TRIGGER_API_URL=${server.url}
  export TRIGGER_ACCESS_TOKEN=${server.accessToken}
  export TRIGGER_SECRET_KEY=${server.secretKey}
  npx trigger dev --skip-update-check --skip-mcp-install --skip-rules-install --skip-platform-notifications --skip-telemetry`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
