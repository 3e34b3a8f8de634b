import { readdirSync, readFileSync } from 'node:fs'
import { packageFolders, readManifest, root } from './workspace.ts'

/** A block of a README that is a whole program. */
export interface ReadmeProgram {
  /** `packages/core/README.md:12` */
  readonly place: string
  readonly source: string
}

/** The pages of `docs`. */
export const docsPages: readonly string[] = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md')).map((file) => `docs/${file.replaceAll('\\', '/')}`).toSorted()

/** The folders of the packages that are published. */
export const publishedFolders: readonly string[] = packageFolders.filter((folder) => folder.startsWith('packages/') && readManifest(folder).private !== true)

/** Every page whose programs are run: the READMEs that strangers meet, and the documentation. */
export const readmes: readonly string[] = ['README.md', ...publishedFolders.map((folder) => `${folder}/README.md`), ...docsPages]

/** The TypeScript blocks of a page that are programs: all but those marked as an excerpt of one (`ts excerpt`). */
export function readmePrograms(page: string): ReadmeProgram[] {
  const lines = readFileSync(new URL(page, root), 'utf8').split('\n')
  const programs: ReadmeProgram[] = []
  for (let line = 0; line < lines.length; line++) {
    const opened = /^( *)```ts$/.exec(lines[line]!)
    if (!opened) continue
    const end = lines.findIndex((text, index) => index > line && text.trim() === '```')
    if (end === -1) throw new Error(`${page}:${line + 1}: a block that does not end`)
    const indent = opened[1]!.length
    programs.push({ place: `${page}:${line + 1}`, source: `${lines.slice(line + 1, end).map((text) => text.slice(indent)).join('\n')}\n` })
    line = end
  }
  return programs
}

/** What a program says that it prints: the comment behind its last `console.log`. */
export function printed({ source }: ReadmeProgram): string | undefined {
  return source.split('\n').filter((line) => line.includes('console.log(')).map((line) => /\) \/\/ (.+)$/.exec(line)?.[1]).findLast((text) => text !== undefined)
}
