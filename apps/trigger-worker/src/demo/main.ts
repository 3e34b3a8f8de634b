import { stopSignal } from '../stop-signal.ts'
import { runDemo } from './demo.ts'

process.exitCode = await runDemo({
  arguments: process.argv.slice(2),
  // npm runs scripts in the root of the project; what a person types is meant from where they stand.
  folder: process.env['INIT_CWD'] ?? process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopSignal(),
})
