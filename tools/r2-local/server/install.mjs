// Installs what the program of the local R2 needs, once. Plain JavaScript, so that it runs in a fresh clone.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const folder = fileURLToPath(new URL('.', import.meta.url))
const versionIn = (file) => JSON.parse(readFileSync(file, 'utf8')).version
const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages['node_modules/miniflare'].version

/**
 * Many processes may ask at once: each installs into a folder of its own beside the program, and the first to be done puts its packages in place,
 * in one step.
 */
export async function installServer() {
  if (isInstalled()) return
  const own = mkdtempSync(join(folder, '.installing-'))
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(folder, file), join(own, file))
    await promisify(execFile)('npm', ['ci', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: own, shell: process.platform === 'win32' })
    const place = join(folder, 'node_modules')
    if (!isInstalled() && existsSync(place)) renameSync(place, join(own, 'outdated'))
    try {
      renameSync(join(own, 'node_modules'), place)
    } catch (error) {
      if (!isInstalled()) throw error
    }
  } catch (cause) {
    throw new Error(`The local R2 needs Miniflare, which could not be installed into ${folder}: is npm's registry within reach?`, { cause })
  } finally {
    rmSync(own, { recursive: true, force: true, maxRetries: 3 })
  }
}

function isInstalled() {
  const manifest = join(folder, 'node_modules/miniflare/package.json')
  return existsSync(manifest) && versionIn(manifest) === wanted
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installServer()
