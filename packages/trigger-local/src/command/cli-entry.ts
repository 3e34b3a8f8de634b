import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file to run for the `trigger` command that the project has installed. Throws, with what to install, where there is none. */
export function cliEntry(projectFolder: string): string {
  const require = createRequire(join(projectFolder, 'package.json'))
  try {
    return join(dirname(require.resolve('trigger.dev/package.json')), 'dist/esm/index.js')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    const version = sdkVersion(projectFolder)
    throw new Error(`The \`trigger\` command is not installed in ${projectFolder}. Install it${version === undefined ? '' : ', in the version of the SDK'}: npm install --save-dev trigger.dev@${version ?? 'latest'}`, { cause: error })
  }
}

/** The SDK allows no look at its package.json by name, so the folders are gone through. */
function sdkVersion(folder: string): string | undefined {
  const manifest = join(folder, 'node_modules/@trigger.dev/sdk/package.json')
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version
  return dirname(folder) === folder ? undefined : sdkVersion(dirname(folder))
}
