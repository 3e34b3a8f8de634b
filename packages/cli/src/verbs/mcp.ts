import { Writable } from 'node:stream'
import { CommandError, exitCodes } from '../exit.ts'
import type { RunCommand } from '../mcp/run-command.ts'
import { reserveOutput } from '../own-output.ts'
import { exitCodeOf } from '../stop-signal.ts'
import type { Terminal } from '../terminal.ts'

export interface McpArguments {
  readonly config?: string
  readonly engine?: string
  readonly supabase?: boolean
  readonly tenant?: string
  readonly readOnly?: boolean
  readonly wait?: string
}

/** Serves the command to an agent over standard input and output, until the agent goes. Gives the exit code. */
export async function mcp(terminal: Terminal, command: RunCommand, { config, engine, supabase = false, tenant, readOnly = false, wait = '45' }: McpArguments): Promise<number> {
  const waitSeconds = Number(wait)
  if (!Number.isInteger(waitSeconds) || waitSeconds < 1 || waitSeconds > 3_600) throw new CommandError(`--wait is a whole number of seconds from 1 to 3600 (got ${JSON.stringify(wait)}).`)
  const { createMcpServer, StdioServerTransport } = await loadServer()
  const { server, end } = createMcpServer(command, terminal, {
    offers: supabase ? 'history' : readOnly ? 'what looks' : 'all',
    waitMs: waitSeconds * 1_000,
    always: config === undefined ? [] : [`--config=${config}`],
    ofRuns: [...(engine === undefined ? [] : [`--engine=${engine}`]), ...(supabase ? ['--supabase', ...(tenant === undefined ? [] : [`--tenant=${tenant}`])] : [])],
  })
  const { write, release } = reserveOutput(terminal)
  const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, done) })
  const gone = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) terminal.stdin.once(event, () => resolve())
    terminal.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  try {
    await server.connect(new StdioServerTransport(terminal.stdin as NodeJS.ReadStream, stdout))
    await gone
    await end()
    await server.close()
  } finally {
    release()
  }
  return terminal.signal.aborted ? exitCodeOf(terminal.signal) : exitCodes.done
}

async function loadServer() {
  try {
    const [{ StdioServerTransport }, { createMcpServer }] = await Promise.all([import('@modelcontextprotocol/sdk/server/stdio.js'), import('../mcp/serve-mcp.ts')])
    return { StdioServerTransport, createMcpServer }
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CommandError('tracks mcp needs @modelcontextprotocol/sdk: npm install --save-dev @modelcontextprotocol/sdk', exitCodes.config, { cause: error })
  }
}
