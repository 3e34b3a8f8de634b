import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'

/** The file to run for the `trigger` command that the project has installed. */
export function cliEntry(projectFolder: string): string {
  const manifest = createRequire(join(projectFolder, 'package.json')).resolve('trigger.dev/package.json')
  return join(dirname(manifest), 'dist/esm/index.js')
}

/** The variables with which the CLI talks to the local server, is logged in, asks nothing, and reads and writes no home folder but this. */
export function cliVariables(server: TriggerDevServer, home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    TRIGGER_API_URL: server.url,
    TRIGGER_ACCESS_TOKEN: server.accessToken,
    TRIGGER_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
    CI: '1',
  }
}
