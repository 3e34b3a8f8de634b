import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../supabase/migrations/', import.meta.url)

/** The migrations, in their order: file name and SQL. Reads the files that come with this package. */
export function migrations(): readonly { readonly name: string; readonly sql: string }[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql')).toSorted()
  return names.map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }))
}

/** All migrations as one text, for a project without the Supabase command: to be run once, as the owner of the schema `public`. */
export function migrationSql(): string {
  return migrations().map(({ name, sql }) => `-- ${name}\n${sql}`).join('\n')
}
