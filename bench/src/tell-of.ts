import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a program beside this one, alone in a process, tells as JSON. */
export async function tellOf<Telling>(file: string, ...args: readonly string[]): Promise<Telling> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${file} ended with ${code}`)
  return JSON.parse(output) as Telling
}
