import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkProject, readEnvironment } from '../environment.ts'
import { checkDeploy } from './check-deploy.ts'

// `trigger dev` and `trigger deploy` for this project: with the variables of its .env, and not before these are as they must be.
const [command = 'dev', ...args] = process.argv.slice(2)
const projectFolder = fileURLToPath(new URL('../..', import.meta.url))
const envFile = join(projectFolder, '.env')
if (existsSync(envFile)) process.loadEnvFile(envFile)
for (const [name, value] of Object.entries(process.env)) if (value === '') delete process.env[name] // a line of .env that was left empty

try {
  checkProject()
  if (command === 'dev') readEnvironment()
  if (command === 'deploy') {
    const { problems, notices } = await checkDeploy(args)
    for (const notice of notices) console.error(`Note: ${notice}`)
    if (problems.length > 0) throw new Error(`Nothing was deployed. ${problems.join('\n')}`)
  }
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

const entry = join(dirname(createRequire(import.meta.url).resolve('trigger.dev/package.json')), 'dist/esm/index.js')
const child = spawn(process.execPath, [entry, command, ...args], { cwd: projectFolder, stdio: 'inherit' })
// Ctrl-C reaches the command by itself; this process waits for it to tidy up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void (signal === 'SIGTERM' && child.kill(signal)))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
