import { runDemo } from './demo.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(130)
    console.error('\nStopping … (once more to leave at once)')
    controller.abort(new Error(signal))
  })
}

process.exitCode = await runDemo({
  arguments: process.argv.slice(2),
  // npm runs scripts in the root of the project; what a person types is meant from where they stand.
  folder: process.env['INIT_CWD'] ?? process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
})
