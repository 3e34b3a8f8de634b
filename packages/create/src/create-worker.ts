import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What can be laid out, and what each is. */
export const templates = {
  plain: 'a track of two small tasks, to be replaced by your own',
  media: 'the media flows: the voice of a video becomes an AI voice (ffmpeg, Deepgram, ElevenLabs, Cloudflare R2)',
} as const

export type TemplateName = keyof typeof templates

export interface CreateWorkerOptions {
  /** Where the project is laid out: a folder that is not there yet, or is empty. Its last part is the project's name. */
  readonly folder: string
  /** Default `plain`. */
  readonly template?: TemplateName
  /** Where the templates lie. Default: those of this package. */
  readonly templatesFolder?: string
}

export interface CreatedWorker {
  readonly folder: string
  /** As it stands in package.json. */
  readonly name: string
}

/**
 * Lays out a stand-alone Trigger.dev project. Installs nothing and asks nothing. Throws an `Error` that says what to do where the folder holds
 * something, or its name cannot be a package's.
 */
export function createWorker({ folder, template = 'plain', templatesFolder = fileURLToPath(new URL('templates/', import.meta.url)) }: CreateWorkerOptions): CreatedWorker {
  if (!Object.hasOwn(templates, template)) throw new Error(`There is no template "${template}": choose ${Object.keys(templates).join(' or ')}.`)
  if (typeof folder !== 'string' || folder.trim() === '') throw new Error('Which folder? Name one that is not there yet, or is empty.')
  const place = resolve(folder)
  const name = packageName(basename(place))
  if (existsSync(place) && !statSync(place).isDirectory()) throw new Error(`${place} is a file. Name a folder that is not there yet.`)
  if (existsSync(place) && readdirSync(place).some((file) => file !== '.git')) throw new Error(`${place} is not empty, and nothing in it is overwritten. Name a folder that is not there yet.`)
  if (!existsSync(place) && lstatSync(place, { throwIfNoEntry: false })) throw new Error(`${place} is a link that leads nowhere. Name a folder that is not there yet.`)
  makeFolder(place)
  cpSync(join(templatesFolder, template), place, { recursive: true })
  // npm leaves files of these names out of a package, or reads them as its own: they travel under others.
  for (const file of ['package.json', '.gitignore', '.env.example']) {
    const packed = join(place, `_${file.replace(/^\./, '')}`)
    if (existsSync(packed)) renameSync(packed, join(place, file))
  }
  rewrite(join(place, 'package.json'), (text) => `${JSON.stringify({ ...(JSON.parse(text) as object), name }, undefined, 2)}\n`)
  rewrite(join(place, 'README.md'), (text) => text.replaceAll('{{name}}', name))
  return { folder: place, name }
}

/** Not `recursive`: Node tries that for ever below a folder in which nobody can make one, as /proc. */
function makeFolder(place: string): void {
  if (existsSync(place)) return
  makeFolder(dirname(place))
  mkdirSync(place)
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

/** npm's rules for a new package: at most 214 characters, lower case, nothing that a URL would have to write otherwise. */
function packageName(folderName: string): string {
  const name = folderName.toLowerCase().replaceAll(/[\s_]+/g, '-')
  if (!/^[a-z0-9][a-z0-9.-]{0,213}$/.test(name) || folderName === 'node_modules') {
    throw new Error(`"${folderName}" cannot be the name of a package: use letters a to z, digits, dots and hyphens, and begin with a letter or digit.`)
  }
  return name
}
