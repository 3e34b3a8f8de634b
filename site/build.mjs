// Builds the site into out/site: the pages of docs/, and API pages made from doc comments. Fails on a dead link.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = fileURLToPath(new URL('pages/', import.meta.url))
rmSync(pages, { recursive: true, force: true })
cpSync(`${root}docs`, pages, { recursive: true })

/** Every public entry of every published package: what its `exports` name. */
const entries = readdirSync(`${root}packages`).flatMap((name) => {
  const folder = `${root}packages/${name}`
  if (!existsSync(`${folder}/package.json`)) return []
  const { exports = {}, private: isPrivate } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  if (isPrivate) return []
  return Object.values(exports).flatMap((target) => (target['@track-orchestrator/source'] ? [join(folder, target['@track-orchestrator/source'])] : []))
})

execFileSync(
  'npx',
  ['typedoc', '--plugin', 'typedoc-plugin-markdown', '--tsconfig', 'tsconfig.json', '--skipErrorChecking', '--out', `${pages}api`, '--readme', 'none', '--entryFileName', 'index', '--disableSources', '--hideBreadcrumbs', '--hidePageHeader', '--logLevel', 'Warn', '--validation.notExported', 'false', '--basePath', `${root}packages`, ...entries],
  { stdio: 'inherit', cwd: fileURLToPath(new URL('.', import.meta.url)) },
)
execFileSync('npx', ['vitepress', 'build', '.'], { stdio: 'inherit', cwd: fileURLToPath(new URL('.', import.meta.url)) })

// A block that is to show what the compiler says (`// @errors: 2741`) does show it: twoslash fails for a message too many, not for one too few.
for (const page of readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'))) {
  const expecting = readFileSync(`${root}docs/${page}`, 'utf8').split('\n').filter((line) => line.startsWith('// @errors: ')).length
  const shown = new Set(readFileSync(`${root}out/site/${page.replace(/\.md$/, '.html')}`, 'utf8').match(/<pre[^>]* twoslash [^]*?<\/pre>/g)?.filter((block) => block.includes('twoslash-error'))).size
  if (shown < expecting) throw new Error(`docs/${page}: ${expecting} blocks are to show what the compiler says, ${shown} do`)
}

// For agents: what there is (llms.txt), and all of it as one text (llms-full.txt). https://llmstxt.org
const texts = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .toSorted()
  .map((file) => ({ path: file.replaceAll('\\', '/').replace(/\.md$/, '.html'), text: readFileSync(`${root}docs/${file}`, 'utf8') }))
const readmes = readdirSync(`${root}packages`)
  .filter((name) => existsSync(`${root}packages/${name}/README.md`))
  .map((name) => ({ name, text: readFileSync(`${root}packages/${name}/README.md`, 'utf8') }))
const titleOf = (text) => /^# (.+)$/m.exec(text)?.[1] ?? ''
writeFileSync(
  `${root}out/site/llms.txt`,
  `# Track Orchestrator\n\n> Typed pipelines of tasks, written once as plain data, checked by the compiler, run in-process and on Trigger.dev.\n\n## Docs\n\n${texts.map(({ path, text }) => `- [${titleOf(text)}](/${path})`).join('\n')}\n\n## Packages\n\n${readmes.map(({ text }) => `- ${titleOf(text)}: ${text.split('\n').find((line, index) => index > 0 && line.trim() !== '')}`).join('\n')}\n`,
)
writeFileSync(`${root}out/site/llms-full.txt`, [...texts, ...readmes].map(({ text }) => text).join('\n\n'))
