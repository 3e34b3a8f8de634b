#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createWorker, templates, type TemplateName } from './create-worker.ts'

const usage = `Lays out a worker of your own: a stand-alone Trigger.dev project.

  npm create @track-orchestrator@latest my-worker
  npm create @track-orchestrator@latest my-worker -- --template media

${Object.entries(templates).map(([name, what]) => `  --template ${name.padEnd(8)}${what}`).join('\n')}
`

/** Tells what went wrong in one line, and how to ask; exit code 2 where it was asked wrongly, 1 where it could not be done. */
function end(message: string, code: 1 | 2): never {
  process.stderr.write(`${message}\n${code === 2 ? `\n${usage}` : ''}`)
  process.exit(code)
}

function read() {
  try {
    return parseArgs({ allowPositionals: true, options: { template: { type: 'string', short: 't', default: 'plain' }, help: { type: 'boolean', short: 'h', default: false } } })
  } catch (error) {
    return end((error as Error).message, 2)
  }
}

const { values, positionals } = read()
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const [folder, ...others] = positionals
if (folder === undefined || others.length > 0) end(folder === undefined ? 'Which folder? None was named.' : `One folder, not ${positionals.length}: ${positionals.join(', ')}`, 2)
if (!Object.hasOwn(templates, values.template)) end(`There is no template "${values.template}".`, 2)

try {
  const made = createWorker({ folder, template: values.template as TemplateName })
  const place = relative(process.cwd(), made.folder) || '.'
  const settings = existsSync(join(made.folder, '.env.example')) ? '\n  cp .env.example .env      # what it is told from outside' : ''
  process.stdout.write(`${made.name} is laid out in ${place}. Next:\n\n  cd ${/\s/.test(place) ? JSON.stringify(place) : place}\n  npm install\n  npm test${settings}\n  npm start\n`)
} catch (error) {
  end((error as Error).message, 1)
}
