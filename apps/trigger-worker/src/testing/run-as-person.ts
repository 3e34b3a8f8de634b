import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Of this repository. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** A program of this repository as a person runs it: a process of its own, in a process group of its own, as a terminal makes one. */
export interface RunningProgram {
  readonly child: ChildProcess
  /** What it has said so far, on both streams. */
  readonly said: () => string
  /** Waits until it has said something that matches; throws with what it said if it ends before. */
  until(pattern: RegExp): Promise<void>
  /** How it ended, and what it said in all. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: NodeJS.Signals | null; readonly out: string; readonly error: string }>
}

export interface RunOptions {
  /** Where the person stands. */
  readonly folder: string
  /** Temporary files go there, so that a test can see whether any is left. */
  readonly temporaryFolder: string
  /** Run it as `npm run` does, instead of by itself. */
  readonly throughNpm?: boolean
  /** Variables that the person has set besides. */
  readonly variables?: Readonly<Record<string, string>>
}

const programs = {
  demo: ['apps/trigger-worker/src/demo/main.ts'],
  tracks: ['packages/cli/src/main.ts', '--config', 'apps/trigger-worker/tracks.config.ts'],
  'worker:local': ['apps/trigger-worker/src/worker-local/main.ts'],
} as const

/** Starts `npm run <script> -- <args>`, or what that runs. */
export function runAsPerson(script: 'demo' | 'tracks' | 'worker:local', args: readonly string[], { folder, temporaryFolder, throughNpm = false, variables }: RunOptions): RunningProgram {
  const [program, programArgs] = throughNpm ? ['npm', ['--prefix', root, 'run', '--silent', script, '--']] : [process.execPath, ['--conditions=@track-orchestrator/source', 'tools/start.mjs', ...programs[script]]]
  const { FFMPEG_PATH, FFPROBE_PATH, PATH, HOME } = process.env
  const env = { ...(FFMPEG_PATH !== undefined && { FFMPEG_PATH }), ...(FFPROBE_PATH !== undefined && { FFPROBE_PATH }), PATH, HOME, INIT_CWD: folder, TMPDIR: temporaryFolder, ...variables }
  const child = spawn(program, [...programArgs, ...args], { cwd: throughNpm ? folder : root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const heard = { out: '', error: '' }
  child.stdout.on('data', (chunk) => (heard.out += String(chunk)))
  child.stderr.on('data', (chunk) => (heard.error += String(chunk)))
  const said = () => heard.out + heard.error
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode: exitCode as number | null, signal: signal as NodeJS.Signals | null, ...heard }))
  return {
    child,
    said,
    ended,
    async until(pattern) {
      let over = false
      void ended.then(() => (over = true))
      while (!pattern.test(said())) {
        if (over) throw new Error(`It ended before it said ${String(pattern)}:\n${said()}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}
