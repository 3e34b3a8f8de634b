import { join } from 'node:path'

/** What the CLI needs to know of a server. */
export interface CliServer {
  readonly url: string
  readonly accessToken: string
}

/** The variables with which the CLI talks to the local server, is logged in, asks nothing, and reads and writes no settings but here. */
export function cliVariables({ url, accessToken }: CliServer, home: string): Record<string, string> {
  return {
    XDG_CONFIG_HOME: join(home, 'config'),
    TRIGGER_API_URL: url,
    TRIGGER_ACCESS_TOKEN: accessToken,
    TRIGGER_TELEMETRY_DISABLED: '1',
    // An agent that runs the command is told links of a dashboard that is not there; CI keeps it from asking.
    CI: '1',
  }
}

/** The same, in a home folder of its own and without colours. */
export function secludedVariables(server: CliServer, home: string): Record<string, string> {
  return { ...cliVariables(server, home), HOME: home, NO_COLOR: '1' }
}
