import { TerminalError } from '@track-orchestrator/registry'

/**
 * Loads a package that only a part of us needs, and whoever uses that part installs (an optional peer). Throws `media/package_missing`, which
 * says what to install, where it is not there.
 */
export async function loadPeer<Module>(owner: string, packageName: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return withNames(await load())
  } catch (error) {
    throw missingPeer(owner, packageName, error)
  }
}

/** A bundler may give what a CommonJS package exports as `default` alone, where Node gives it by its names as well. */
function withNames<Module>(loaded: Module): Module {
  const { default: all, ...named } = loaded as { readonly default?: Module }
  return typeof all === 'object' && all !== null && Object.keys(named).length === 0 ? all : loaded
}

/** The error to throw for an error of loading the package: another one only where it is the package itself that is not there. */
export function missingPeer(owner: string, packageName: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const isMissing = (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && (error as Error).message.includes(packageName)
  return isMissing ? new TerminalError(`${owner} needs the package ${packageName}: npm install ${packageName}`, { code: 'media/package_missing', cause: error }) : error
}
