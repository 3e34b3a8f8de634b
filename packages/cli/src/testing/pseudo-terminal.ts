import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import type { Terminal as Screen } from '@xterm/headless'
import { placeConfig } from './own-folder.ts'
import { screenPicture } from './screen-picture.ts'

// A CommonJS package whose names Node does not see.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Screen }
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const config = fileURLToPath(new URL('tracks.config.ts', import.meta.url))
const loader = createRequire(import.meta.url).resolve('tsx')

const fromSources = ['--conditions=@track-orchestrator/source', '--import', loader, main]

/** What starts the command from its sources, with the configuration of the tests. */
export const commandLine = (args: readonly string[]): readonly string[] => [...fromSources, ...args, '--config', config]

/** The command in a real pseudo-terminal, whose screen can be read. */
export function openTerminal(args: readonly string[], { columns, env = {}, folder }: { readonly columns: number; readonly env?: Readonly<Record<string, string>>; readonly folder: string }) {
  if (!args.includes('--config')) placeConfig(folder)
  const screen = new Terminal({ cols: columns, rows: 50, scrollback: 1_000, allowProposedApi: true })
  const { NO_COLOR: _noColor, ...own } = process.env
  const pty = spawn(process.execPath, [...fromSources, ...args], { name: 'xterm-256color', cols: columns, rows: 50, cwd: folder, env: { ...own, TERM: 'xterm-256color', TRACKS_FOLDER: `${folder}/.tracks`, ...env } })
  let written = ''
  pty.onData((data) => {
    written += data
    screen.write(data)
  })
  const exited = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => screen.write('', () => resolve(exitCode))))
  return {
    pid: pty.pid,
    exited,
    /** Everything that was written, colours and all. */
    written: () => written,
    /** The lines as a person sees them. */
    lines: (): string[] => Array.from({ length: screen.buffer.active.length }, (_, index) => screen.buffer.active.getLine(index)!.translateToString(true)),
    /** An SVG of what stands on the screen. */
    picture: () => screenPicture(screen, `$ tracks ${args.join(' ')}`),
    /** Lines that a terminal broke because they were too wide. */
    broken: (): string[] => Array.from({ length: screen.buffer.active.length }, (_, index) => screen.buffer.active.getLine(index)!).filter((line) => line.isWrapped).map((line) => line.translateToString(true)),
    type: (keys: string) => pty.write(keys),
    kill: (signal: string) => pty.kill(signal),
  }
}
