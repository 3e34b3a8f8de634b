// Installs what a fresh clone lacks: `npm ci`, where node_modules is missing or not what package-lock.json asks for.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).packages

if (process.argv[1] === fileURLToPath(import.meta.url)) installIfNeeded()

/** Ends the process where this Node is too old, or the packages cannot be installed. */
export function installIfNeeded() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node 20.19 or newer is needed; this is ${process.version}.`)
    process.exit(1)
  }
  if (isInstalled()) return
  console.error('Installing packages (npm ci) …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

/** npm keeps a list of what it installed in node_modules: every package of the lock file must stand there in its version. */
function isInstalled() {
  if (!existsSync(`${root}/node_modules/.package-lock.json`)) return false
  const installed = read('node_modules/.package-lock.json')
  return Object.entries(read('package-lock.json')).every(([place, wanted]) => {
    if (!place.includes('node_modules/') || wanted.optional || wanted.peer || wanted.devOptional) return true
    return installed[place]?.version === wanted.version && installed[place]?.link === wanted.link
  })
}
