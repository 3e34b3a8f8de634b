import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Before the tests: the page as it is in the sources now. */
export default function buildPage(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../build-page.mjs', import.meta.url))], { stdio: ['ignore', 'inherit', 'inherit'] })
}
