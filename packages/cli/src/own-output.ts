import type { Terminal } from './terminal.ts'

/**
 * Standard output for what the command says alone, where a program or a page reads it: what a configuration or a handler prints (dotenv tells what it read) would stand
 * between, and goes to standard error until `release` is called.
 */
export function reserveOutput({ stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'>): { readonly write: typeof stdout.write; readonly release: () => void } {
  const own = Object.getOwnPropertyDescriptor(stdout, 'write')
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return {
    write,
    release: () => void (own ? Object.defineProperty(stdout, 'write', own) : Reflect.deleteProperty(stdout, 'write')),
  }
}

/** The terminal with its output reserved, as long as `use` goes on. */
export async function withOwnOutput<Result>(terminal: Terminal, use: (terminal: Terminal) => Promise<Result>): Promise<Result> {
  const { write, release } = reserveOutput(terminal)
  try {
    return await use({ ...terminal, stdout: Object.create(terminal.stdout, { write: { value: write } }) as Terminal['stdout'] })
  } finally {
    release()
  }
}
