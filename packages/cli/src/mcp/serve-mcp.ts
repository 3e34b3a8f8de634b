import { setTimeout as delay } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { version, type Terminal } from '../terminal.ts'
import { answerOf, eventOfLine, stillRunning, type ToolAnswer } from './answer.ts'
import { runInPipe, type RunCommand } from './run-command.ts'
import { mcpTools, type McpTool } from './tools.ts'

export interface McpOptions {
  /** A history is only looked at, and does not know why. */
  readonly offers: 'all' | 'what looks' | 'history'
  /** How long an answer waits for a run to end. Milliseconds. */
  readonly waitMs: number
  /** Arguments of every call: the configuration. */
  readonly always: readonly string[]
  /** Arguments of calls that are about runs: where these are. */
  readonly ofRuns: readonly string[]
}

const instructions = `Runs tracks (typed sequences of tasks) and orchestrators on this machine, and explains their runs.
Ask list for what there is and what it takes, run to run one, show and why for what became of it. After a failure: show, then resume with plan, then resume.
A run that takes long goes on after the answer: ask show for it. A run is named by its id, the beginning of it, or "last".`

/** Progress is told this often at most. Milliseconds. */
const tellEveryMs = 500

/** The command as tools of the Model Context Protocol. `end` cancels what still runs, and is over when that has stopped. */
export function createMcpServer(command: RunCommand, terminal: Pick<Terminal, 'folder' | 'env'>, options: McpOptions): { readonly server: McpServer; readonly end: () => Promise<void> } {
  const server = new McpServer({ name: 'tracks', version }, { instructions })
  const stop = new AbortController()
  const going = new Set<Promise<unknown>>()

  const call = async (name: string, tool: McpTool, input: unknown, { signal, onTold }: { readonly signal: AbortSignal; readonly onTold: (told: string) => void }): Promise<ToolAnswer> => {
    const { options: own, names = [], stdin } = tool.said(input)
    const args = [name, '--json', ...options.always, ...(tool.ofRuns ? options.ofRuns : []), ...own, '--', ...names]
    let runId: string | undefined
    const keeps = (line: string) => {
      const event = tool.runs ? eventOfLine(line) : undefined
      runId ??= event?.runId
      if (event?.told !== undefined) onTold(event.told)
      return !event
    }
    const ended = runInPipe(command, terminal, args, { stdin, signal: AbortSignal.any([stop.signal, signal]), keeps }).then(answerOf)
    going.add(ended)
    void ended.catch(() => undefined).finally(() => going.delete(ended))
    if (!tool.runs) return ended
    const enough = new AbortController()
    const late = delay(options.waitMs, undefined, { signal: enough.signal }).then(async () => stillRunning(runId, await asked(runId)), () => ended)
    return Promise.race([ended, late]).finally(() => enough.abort())
  }

  /** What a run of the journal asks people for. */
  const asked = async (runId: string | undefined): Promise<readonly unknown[]> => {
    if (runId === undefined || options.ofRuns.length > 0) return []
    const { exitCode, out } = await runInPipe(command, terminal, ['approve', '--json', ...options.always, '--', runId], { signal: stop.signal, keeps: () => true })
    return exitCode === 0 ? (JSON.parse(out) as { readonly isAnswered: boolean }[]).filter(({ isAnswered }) => !isAnswered) : []
  }

  for (const [name, tool] of Object.entries(mcpTools)) {
    if ((options.offers !== 'all' && !tool.reads) || (options.offers === 'history' && name === 'why')) continue
    const { description, input, reads } = tool
    server.registerTool(name, { description, inputSchema: input.shape, annotations: { readOnlyHint: reads, destructiveHint: false } }, (given: unknown, { signal, _meta, sendNotification }) => {
      const progressToken = _meta?.progressToken
      let [progress, toldAt] = [0, 0]
      const onTold = (message: string) => {
        if (progressToken === undefined || Date.now() - toldAt < tellEveryMs) return
        toldAt = Date.now()
        progress += 1
        // Whoever asked may be gone: the run does not depend on it.
        void sendNotification({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => undefined)
      }
      return call(name, tool, given, { signal, onTold })
    })
  }
  return {
    server,
    async end() {
      stop.abort()
      await Promise.allSettled(going)
    },
  }
}
