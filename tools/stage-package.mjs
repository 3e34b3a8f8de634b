// Lays out what goes to the registry in `<package>/publish`: the built files, LICENSE, README and CHANGELOG, and a package.json
// without what only this repository needs. Run in the folder of a package, after its build: `node ../../tools/stage-package.mjs`.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { argv, cwd, exit, stderr } from 'node:process'
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const repository = 'https://github.com/track-orchestrator/track-orchestrator'
const sourceCondition = '@track-orchestrator/source'
const root = fileURLToPath(new URL('..', import.meta.url))

/** The package.json that is published: no source condition, since sources are not shipped, no scripts and no development dependencies. */
function publishedManifest(manifest, folder) {
  const { scripts: _scripts, devDependencies: _devDependencies, nx: _nx, publishConfig: { directory: _directory, ...publishConfig } = {}, ...kept } = manifest
  return {
    ...kept,
    repository: { type: 'git', url: `git+${repository}.git`, directory: folder },
    homepage: `${repository}/tree/main/${folder}#readme`,
    bugs: `${repository}/issues`,
    publishConfig,
    exports: withoutSources(manifest.exports),
  }
}

function withoutSources(exported) {
  if (typeof exported !== 'object' || exported === null) return exported
  return Object.fromEntries(Object.entries(exported).filter(([key]) => key !== sourceCondition).map(([key, target]) => [key, withoutSources(target)]))
}

/** Relative links lead nowhere on the registry's page: they become links into the repository. */
function withAbsoluteLinks(markdown, folder) {
  return markdown.replaceAll(/\]\((?!https?:|mailto:|#)([^)\s]+)\)/g, (_, link) => `](${new URL(link, `${repository}/blob/main/${folder}/`).href})`)
}

/** The pages of this repository's `docs`, for whoever reads them offline: links among them stay, others lead into the repository. */
function stageDocs(target) {
  const docs = resolve(root, 'docs')
  cpSync(docs, target, { recursive: true })
  for (const page of readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'))) {
    const place = new URL(`docs/${page.split(sep).join('/')}`, `${repository}/blob/main/`)
    const text = readFileSync(resolve(target, page), 'utf8').replaceAll(/\]\((?!https?:|mailto:|#)([^)\s]+)\)/g, (whole, link) => {
      const { href } = new URL(link, place)
      return href.startsWith(`${repository}/blob/main/docs/`) ? whole : `](${href})`
    })
    writeFileSync(resolve(target, page), text)
  }
}

/** Stages one package and returns the folder. Throws where it has not been built. */
function stage(packageFolder) {
  const folder = relative(root, packageFolder).split(sep).join('/')
  const manifest = JSON.parse(readFileSync(resolve(packageFolder, 'package.json'), 'utf8'))
  const missing = builtFiles(manifest.exports).filter((file) => !existsSync(resolve(packageFolder, file)))
  if (missing.length > 0) throw new Error(`${manifest.name} is not built: ${missing[0]} is missing. Run "npm run build" first.`)
  const staged = resolve(packageFolder, 'publish')
  rmSync(staged, { recursive: true, force: true })
  const pages = new Set(['README.md', 'CHANGELOG.md', ...manifest.files.filter((file) => file.endsWith('.md'))])
  if (manifest.files.includes('docs')) stageDocs(resolve(staged, 'docs'))
  for (const file of manifest.files) if (!pages.has(file) && file !== 'docs') cpSync(resolve(packageFolder, file), resolve(staged, file), { recursive: true })
  cpSync(resolve(root, 'LICENSE'), resolve(staged, 'LICENSE'))
  for (const page of pages) {
    if (existsSync(resolve(packageFolder, page))) writeFileSync(resolve(staged, page), withAbsoluteLinks(readFileSync(resolve(packageFolder, page), 'utf8'), folder))
  }
  writeFileSync(resolve(staged, 'package.json'), `${JSON.stringify(publishedManifest(manifest, folder), undefined, 2)}\n`)
  return staged
}

function builtFiles(exported) {
  if (typeof exported === 'string') return [exported]
  return Object.entries(exported ?? {}).flatMap(([key, target]) => (key === sourceCondition ? [] : builtFiles(target)))
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    stage(cwd())
  } catch (error) {
    stderr.write(`${error.message}\n`)
    exit(1)
  }
}
