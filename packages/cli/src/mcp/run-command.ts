import { Readable, Writable } from 'node:stream'
import type { Terminal } from '../terminal.ts'

/** The command itself: its arguments in, its exit code out. */
export type RunCommand = (terminal: Terminal) => Promise<number>

export interface CommandEnd {
  readonly exitCode: number
  /** What it wrote, without the lines that were let go. */
  readonly out: string
  readonly err: string
}

interface InPipe {
  readonly stdin?: string | undefined
  readonly signal: AbortSignal
  /** Whether a line that it writes is kept: the events of a long run are not. */
  readonly keeps: (line: string) => boolean
}

/** Runs the command in this process as in a pipe. */
export async function runInPipe(command: RunCommand, { folder, env }: Pick<Terminal, 'folder' | 'env'>, args: readonly string[], { stdin = '', signal, keeps }: InPipe): Promise<CommandEnd> {
  const [out, err] = [collector(keeps), collector(() => true)]
  const exitCode = await command({ arguments: args, folder, env, stdin: Readable.from([stdin]), stdout: out.stream, stderr: err.stream, signal })
  return { exitCode, out: out.text(), err: err.text() }
}

function collector(keeps: InPipe['keeps']) {
  const kept: string[] = []
  let unfinished = ''
  const take = (text: string) => {
    const lines = (unfinished + text).split('\n')
    unfinished = lines.pop()!
    kept.push(...lines.filter(keeps).map((line) => `${line}\n`))
  }
  const stream = new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk))
      done()
    },
  })
  return { stream, text: () => kept.join('') + unfinished }
}
