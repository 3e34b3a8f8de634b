// Lays out a package of tasks in packages/<name>-tasks, with tests that pass: `npm run new:tasks -- acme`. Overwrites nothing.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { argv, exit, stderr, stdout } from 'node:process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const template = fileURLToPath(new URL('new-tasks/', import.meta.url))
const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))

function end(message) {
  stderr.write(`${message}\n`)
  exit(1)
}

const [given, ...others] = argv.slice(2)
if (given === undefined || others.length > 0) end('Say what the tasks are of, in one word: npm run new:tasks -- acme')
const kebab = given.replace(/-tasks$/, '')
if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(kebab)) end(`"${given}" cannot be the name of a package of tasks: use letters a to z, digits and single hyphens, and begin with a letter.`)
const folder = `packages/${kebab}-tasks`
if (existsSync(join(root, folder))) end(`${folder} is there already, and nothing in it is overwritten. Choose another name.`)

const camel = kebab.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())
const words = {
  kebab,
  camel,
  pascal: camel.replace(/^./, (letter) => letter.toUpperCase()),
  snake: kebab.replaceAll('-', '_'),
  title: kebab,
  registryVersion: readJson('packages/registry/package.json').version,
  coreVersion: readJson('packages/core/package.json').version,
  vitestVersion: readJson('package.json').devDependencies.vitest,
  zodVersion: readJson('packages/registry/package.json').devDependencies.zod,
}
const filled = (text) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, word) => words[word])

for (const file of readdirSync(template, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
  const from = join(file.parentPath, file.name)
  // Named otherwise in the template, so that npm does not take that for a package.
  const to = join(root, folder, from.slice(template.length).replace('_package.json', 'package.json').replace('use-tasks', `use-${kebab}-tasks`))
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, filled(readFileSync(from, 'utf8')))
}
writeFileSync(join(root, `.changeset/${kebab}-tasks.md`), filled("---\n'@track-orchestrator/{{kebab}}-tasks': minor\n---\n\nThe tasks of {{title}}: `{{snake}}_count_words`.\n"))

// The workspace has one package more: npm links it, and writes that down in package-lock.json.
const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
if (status !== 0) end(`${folder} is laid out, but "npm install", which links it, failed: run it again.`)
stdout.write(`${folder} is laid out, with a task to be replaced by yours. Its tests: npx nx test @track-orchestrator/${kebab}-tasks\n`)
