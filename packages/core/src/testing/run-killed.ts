import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Runs the flow as `r1` in a process that is killed after so many records. Answers whether it was: else the run had ended before. */
export async function runKilled(flow: 'repeating' | 'steered', folder: string, record: number): Promise<boolean> {
  const program = fileURLToPath(new URL('./killed-child.ts', import.meta.url))
  const child = spawn('node', ['--conditions=@track-orchestrator/source', '--import', 'tsx', program, flow, folder, String(record)], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal === null && code !== 0) throw new Error(`The process of ${flow} ended with ${code}`)
  return signal === 'SIGKILL'
}
