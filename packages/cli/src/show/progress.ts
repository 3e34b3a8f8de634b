import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { createConsoleLog } from '@track-orchestrator/core/console'
import type { Terminal } from '../terminal.ts'
import { createBars } from './bars.ts'
import type { Shower } from './shower.ts'

interface Where {
  readonly terminal: Terminal
  readonly show: Shower
}

/** Where a run is shown: bars on a terminal, lines in a pipe, an event a line for programs. People are told, too, what they can do. */
export function progressLog(where: Where): RunLog {
  const { stdout, stderr, env } = where.terminal
  if (where.show.isJson) return createConsoleLog({ mode: 'json', stream: stdout })
  return withAdvice(stdout.isTTY === true && env['TERM'] !== 'dumb' ? createBars(stdout, (stderr as { isTTY?: boolean }).isTTY ? [stderr] : []) : createConsoleLog({ mode: 'lines', stream: stdout }), where)
}

/** How long a run that is to stop may take before it is told what it waits for. Milliseconds. */
const quietMs = 1_000

/** A run that asks says how it is answered; one that takes its time to stop, how to end it at once. */
function withAdvice(shown: RunLog, { terminal: { signal }, show }: Where): RunLog {
  const started = new Map<string, RunEvent>()
  let timer: NodeJS.Timeout | undefined
  const say = ({ id, at: _at, sequence, runId, runName, tenantId, projectId, kept }: RunEvent, message: string) => shown.write({ id, at: Date.now(), sequence, runId, runName, tenantId, projectId, kept, type: 'log', level: 'info', message })
  const tellSlow = () => {
    for (const event of started.values()) {
      say(event, `Run ${event.runId} is to stop: a handler takes its time. Ctrl-C once more ends it at once.`)
      say(event, `Go on with it then:  ${show.command('resume', [event.runId])}`)
    }
  }
  const onStop = () => void (timer = setTimeout(tellSlow, quietMs).unref())
  const listen = (event: RunEvent) => {
    if (started.size === 0) signal.addEventListener('abort', onStop, { once: true })
    started.set(event.runId, event)
  }
  const end = ({ runId }: RunEvent) => {
    started.delete(runId)
    if (started.size > 0) return
    signal.removeEventListener('abort', onStop)
    clearTimeout(timer)
  }
  return {
    write(event) {
      shown.write(event)
      if (event.type === 'run.started') listen(event)
      if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') end(event)
      if (event.type === 'log' && event.message.startsWith(`${event.step} waits for an answer until `)) say(event, `What it asks for, and how to answer:  ${show.command('approve', [event.runId])}`)
    },
    flush: (deadlineMs, loss) => shown.flush(deadlineMs, loss),
  }
}
