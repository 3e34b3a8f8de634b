import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { TerminalError } from '@track-orchestrator/registry'

/** The built page, by the names of its files. */
export interface PageFiles {
  readonly html: string
  readonly script: string
  readonly style: string
}

// Beside the built module; from the sources, where the build puts it.
const folders = [new URL('./page/', import.meta.url), new URL('../dist/page/', import.meta.url)]

/** Throws `viewer/page_not_built` in a checkout where the package was not built. */
export function readPage(): PageFiles {
  const folder = folders.find((at) => existsSync(new URL('page.js', at)))
  if (!folder) throw new TerminalError(`The page is not built: ${fileURLToPath(folders[1]!)} holds no page.js. Run: npm run build --workspace @track-orchestrator/viewer`, { code: 'viewer/page_not_built' })
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
  return { html: read('index.html'), script: read('page.js'), style: read('page.css') }
}
