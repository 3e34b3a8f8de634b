import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What the checks of the repository read in a package.json. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly version?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly nx?: { readonly tags?: readonly string[] }
}

/** The root of the repository. */
export const root = new URL('..', import.meta.url)

const below = (folder: string) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`).filter((path) => existsSync(new URL(`${path}/package.json`, root)))

/** The folders of all packages of the workspace, from the root. */
export const packageFolders: readonly string[] = ['examples', 'bench', 'tools', ...below('packages'), ...below('apps'), ...below('tools')]

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8')) as Manifest
}
