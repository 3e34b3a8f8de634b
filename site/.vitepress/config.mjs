import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformerTwoslash } from '@shikijs/vitepress-twoslash'
import typescript from 'typescript'
import { defineConfig } from 'vitepress'

const repository = 'https://github.com/track-orchestrator/track-orchestrator'
const howTo = readdirSync(new URL('../../docs/how-to/', import.meta.url)).filter((file) => file.endsWith('.md'))
const titleOf = (file) => file.replace(/\.md$/, '').replaceAll('-', ' ')

/** Links that leave docs/ for a file of the repository are links into its web page. */
function linksToTheRepository(md) {
  md.core.ruler.push('links-to-the-repository', ({ tokens }) => {
    for (const link of tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open')) {
      const inside = /^(?:\.\.\/)+((?:packages|apps|tools|examples|bench|release|[A-Z]+\.md).*)$/.exec(link.attrGet('href') ?? '')
      if (inside) link.attrSet('href', `${repository}/tree/main/${inside[1]}`)
    }
  })
}

/** Those of tsconfig.base.json, as numbers. */
const { options: compilerOptions } = typescript.convertCompilerOptionsFromJson(JSON.parse(readFileSync(new URL('../../tsconfig.base.json', import.meta.url), 'utf8')).compilerOptions, '.')

export default defineConfig({
  title: 'Track Orchestrator',
  description: 'Typed pipelines of tasks, in-process and on Trigger.dev.',
  srcDir: 'pages',
  outDir: '../out/site',
  cacheDir: '../out/site-cache',
  // `ts twoslash` blocks show what the compiler says of them, from the sources. A message that a block does not expect (`// @errors: 2322`) fails the build.
  markdown: { config: linksToTheRepository, codeTransformers: [transformerTwoslash({ twoslashOptions: { vfsRoot: fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, ''), compilerOptions } })] },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    nav: [{ text: 'Tutorial', link: '/tutorial' }, { text: 'What a run means', link: '/semantics' }, { text: 'API', link: '/api/' }],
    sidebar: [
      { text: 'Begin', items: [{ text: 'Overview', link: '/' }, { text: 'Tutorial', link: '/tutorial' }, { text: 'Moving from hand-written chains', link: '/moving-from-hand-written-chains' }] },
      { text: 'How to', items: howTo.map((file) => ({ text: titleOf(file), link: `/how-to/${titleOf(file).replaceAll(' ', '-')}` })) },
      { text: 'Know', items: [{ text: 'What a run means', link: '/semantics' }, { text: 'Errors', link: '/errors' }, { text: 'Scale', link: '/scale' }, { text: 'A run from a terminal', link: '/tracks-command' }] },
    ],
  },
})
