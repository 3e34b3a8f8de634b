import { writeSync } from 'node:fs'

type Owner = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'once' | 'off' | 'exit'> & { exitCode?: typeof process.exitCode }

/** Whoever read along has gone: `| head`, a closed terminal. The work goes on, and nobody is told. */
const gone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'EBADF'])

const stuck = `Nothing goes on any more, and the command is not at its end:
a promise of a handler, or of the configuration, never settles.
Of a run that had begun, tracks show last tells the step.
`

/**
 * Runs the command as all that a process does, and ends the process with its exit code: at once where a person stopped it, whatever a configuration or a handler still
 * does. 1 where nothing can bring it to its end any more, and where its output was lost, such as on a full disk.
 */
export async function endProcess(owner: Owner, signal: AbortSignal, run: () => Promise<number>, tell: (text: string) => unknown = (text) => writeSync(2, text)): Promise<void> {
  let lost: string | undefined
  for (const stream of [owner.stdout, owner.stderr]) stream.on('error', ({ code, message }: NodeJS.ErrnoException) => (lost ??= gone.has(code) ? undefined : message))
  const onNothingLeft = () => {
    tell(stuck)
    owner.exit(1)
  }
  owner.once('beforeExit', onNothingLeft)
  owner.once('exit', () => {
    if (lost === undefined) return
    tell(`The output could not be written: ${lost}\n`)
    owner.exitCode ||= 1
  })
  const exitCode = await run()
  owner.off('beforeExit', onNothingLeft)
  owner.exitCode = exitCode
  if (signal.aborted) owner.stdout.write('', () => owner.exit(exitCode))
}
