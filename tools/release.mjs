// `npm run release`: publishes every package whose version is not on the registry yet, from a clean tree, built anew.
// Arguments are handed to `changeset publish` (`--tag next`). The registry, and who may publish there, are npm's own settings.
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { argv, exit, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, stdio: 'inherit', encoding: 'utf8', ...options })
  if (status !== 0) exit(status ?? 1)
  return stdout
}

const changes = run('git', ['status', '--porcelain'], { stdio: ['ignore', 'pipe', 'inherit'] })
if (changes !== '') {
  stderr.write(`What is published must be what is committed, and these files are not:\n${changes}Commit them, or put them aside.\n`)
  exit(1)
}
const packages = readdirSync(`${root}/packages`)
for (const name of packages) for (const made of ['dist', 'publish']) rmSync(`${root}/packages/${name}/${made}`, { recursive: true, force: true })
run('npx', ['nx', 'run-many', '-t', 'build', 'stage', '--skip-nx-cache'])
run('npx', ['changeset', 'publish', ...argv.slice(2)])
