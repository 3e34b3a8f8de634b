// Writes each item of registry.json with the text of its files, as shadcn installs it, into the package that it belongs to.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const to = new URL('../packages/supabase-logger/shadcn/', import.meta.url)

/** The items, as they are to be published: file name and text. */
export function builtItems() {
  const { items } = JSON.parse(readFileSync(new URL('registry.json', import.meta.url), 'utf8'))
  return items.map((item) => {
    const files = item.files.map((file) => ({ ...file, content: readFileSync(new URL(file.path, import.meta.url), 'utf8') }))
    return { name: `${item.name}.json`, text: `${JSON.stringify({ $schema: 'https://ui.shadcn.com/schema/registry-item.json', ...item, files }, null, 2)}\n` }
  })
}

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  mkdirSync(to, { recursive: true })
  for (const { name, text } of builtItems()) writeFileSync(new URL(name, to), text)
}
