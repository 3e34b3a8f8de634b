import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** The blocks of a page that are meant to be typed (`sh`), one string each, also of those in lists. */
export const shellBlocks = (page: string): string[] => [...page.matchAll(/^( *)```sh\n(.*?)^\1```$/gms)].map(([, indent, block]) => block!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))

export interface Terminal {
  /** What it printed so far, without colours. */
  readonly printed: () => string
  /** Resolves once it has printed that; rejects where it ends without. */
  readonly prints: (text: string) => Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly printed: string }>
  /** Ctrl-C: every program that goes on in it is told to stop. */
  readonly stop: () => void
}

/** Types a block into a shell of its own that stands in `folder`. A line that fails ends it. */
export function openTerminal(block: string, folder: string, env: NodeJS.ProcessEnv): Terminal {
  // What the test run itself was started with is not what a newcomer's shell has.
  const { NODE_OPTIONS: _options, INIT_CWD: _folder, VITEST: _vitest, NODE_ENV: _env, TEST_COUNTS_FILE: _counts, NX_WORKSPACE_ROOT: _nx, ...own } = process.env
  const clean = Object.fromEntries(Object.entries(own).filter(([name]) => !/^(?:npm_(?!config_)|NX_|VITEST)/.test(name)))
  const child = spawn('bash', ['-ec', block], { cwd: folder, env: { ...clean, NX_DAEMON: 'false', ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let text = ''
  const watchers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += stripVTControlCharacters(part)
      for (const look of watchers) look()
    })
  }
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => child.once('close', (code) => resolve({ code, printed: text })))
  return {
    printed: () => text,
    prints: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (text.includes(wanted)) resolve()
        }
        watchers.add(look)
        look()
        void ended.then(({ code }) => reject(new Error(`It ended (${code}) without saying "${wanted}": ${text}`)))
      }),
    ended,
    stop: () => {
      try {
        process.kill(-child.pid!, 'SIGINT')
      } catch {
        // It has ended.
      }
    },
  }
}
