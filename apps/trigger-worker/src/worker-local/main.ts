import { stopSignal } from '../stop-signal.ts'
import { runWorkerLocal } from './worker-local.ts'

process.exitCode = await runWorkerLocal({
  arguments: process.argv.slice(2),
  // npm runs scripts in the folder of the package; what a person types is meant from where they stand.
  folder: process.env['INIT_CWD'] ?? process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopSignal(),
})
