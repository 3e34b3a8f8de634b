import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolderSync } from '@track-orchestrator/registry/folders'
import { migrations } from '../migration-sql.ts'

export interface InitOptions {
  /** The migrations of the project. */
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A migration of this package, and its file in the project. */
export interface PlacedMigration {
  readonly name: string
  readonly path: string
  /** It was there already. */
  readonly wasThere: boolean
}

/**
 * Copies the migrations into a project, those that are not there yet, with time stamps behind all that are: the Supabase command refuses one that is
 * older than what was pushed already. May be run again, also with a newer version of this package. Throws where one that is there was changed.
 */
export function placeMigrations({ folder, now }: InitOptions): PlacedMigration[] {
  makeFolderSync(folder)
  const there = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  let last = Math.max(...there.map(stampOf), 0)
  return migrations().map(({ name, sql }) => {
    const subject = subjectOf(name)
    const found = there.find((other) => subjectOf(other) === subject)
    if (found !== undefined) {
      const path = join(folder, found)
      if (readFileSync(path, 'utf8').trim() !== sql.trim()) throw new Error(`${path} is not what this package brings under that name. Rename it if it is yours; if it was changed, put the difference into a migration of its own`)
      return { name: subject, path, wasThere: true }
    }
    last = Math.max(nextStamp(last), stampAt(now))
    const path = join(folder, `${last}_${subject}`)
    writeFileSync(path, sql, { flag: 'wx' })
    return { name: subject, path, wasThere: false }
  })
}

/** `track_runs.sql` of `20261122000001_track_runs.sql`. */
const subjectOf = (name: string): string => name.replace(/^\d+_/, '')
const stampOf = (name: string): number => Number(/^\d{14}(?=_)/.exec(name)?.[0] ?? 0)
/** As the Supabase command writes it: year to second, in UTC. */
const stampAt = (at: number): number => Number(new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14))

/** A second later. */
function nextStamp(stamp: number): number {
  if (stamp === 0) return 0
  const text = String(stamp).replace(/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:$6Z')
  return stampAt(Date.parse(text) + 1_000)
}
