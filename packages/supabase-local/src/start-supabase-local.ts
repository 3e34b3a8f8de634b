import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { findBinaries } from './binaries.ts'
import { startGateway } from './gateway.ts'
import { connect, createCluster, runSql, startPostgres, type Row } from './postgres.ts'
import { postgrestSocket, restIsReady, startPostgrest } from './postgrest.ts'
import { makeFolder, processOwner } from './process-owner.ts'
import { rolesSql } from './roles.ts'
import { waitUntil, type ServerProcess } from './server-process.ts'
import { signToken, type TokenClaims } from './token.ts'

export interface SupabaseLocalOptions {
  /** SQL texts, run in this order by the role `postgres`, which is no superuser. */
  readonly migrations?: readonly string[]
  /** Rows an answer holds at most (`db-max-rows`), as a project's API settings say. Default 1,000. */
  readonly maxRows?: number
  /** The schemas that PostgREST reaches; the first is the one without a name. They have to be there once the migrations are applied. Default `public`. */
  readonly schemas?: readonly string[]
  /** Aborted: what has been started is stopped and deleted, and the start fails with the signal's reason. Without effect once it has started. */
  readonly signal?: AbortSignal
}

/** PostgreSQL and PostgREST as a Supabase project has them. Nothing but `url` listens on a port, and that on 127.0.0.1. */
export interface SupabaseLocal {
  /** What supabase-js is given as the project's URL. Only `/rest/v1` is there. */
  readonly url: string
  /** The key of a server, `sb_secret_…`: the service role's rights. */
  readonly secretKey: string
  /** The key of a browser, `sb_publishable_…`: the rights of `anon`. */
  readonly publishableKey: string
  /** The same rights as a token: what projects had before. */
  readonly serviceRoleKey: string
  readonly anonKey: string
  /** A token that this project accepts, unless its `exp` is past. */
  tokenFor(claims: TokenClaims): string
  /** Runs SQL as `postgres`, the owner of the tables, whom row-level security does not bind. Of several statements: the rows of the last one that gives any. */
  sql(query: string, values?: readonly unknown[]): Promise<Row[]>
  /** Stops PostgreSQL the way a crash does. PostgREST stays, and answers 503. */
  stopDatabase(): Promise<void>
  /** Starts PostgreSQL again, with what it had committed, and waits until PostgREST answers. */
  startDatabase(): Promise<void>
  /** Stops everything and deletes the data. */
  stop(): Promise<void>
}

/**
 * Starts a new, empty project in a temporary folder. Takes about 4 s. Throws at once, in the server's own words, where one does not start,
 * and a `TypeError` for an option that is none. Everything ends with this process, at the latest.
 */
export async function startSupabaseLocal(options: SupabaseLocalOptions = {}): Promise<SupabaseLocal> {
  const { migrations = [], maxRows = 1000, schemas = ['public'], signal } = checked(options)
  const owner = processOwner()
  const folder = await makeFolder(owner)
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const next of stops.splice(0).toReversed()) await next()
  }
  try {
    const binaries = await findBinaries(folder, owner)
    signal?.throwIfAborted()
    await createCluster(binaries, folder, owner, signal)
    let postgres: ServerProcess | undefined = await startPostgres(binaries, folder, owner)
    stops.push(async () => postgres?.stop())
    signal?.throwIfAborted()

    await runSql(folder, 'supabase_admin', rolesSql)
    for (const migration of migrations) await runSql(folder, 'postgres', migration)
    const pool = connect(folder, 'postgres')
    stops.push(() => pool.end())

    const jwtSecret = randomBytes(32).toString('hex')
    const tokenFor = (claims: TokenClaims) => signToken(claims, jwtSecret)
    const tenYears = { exp: Math.floor(Date.now() / 1000) + 10 * 365 * 86_400 }
    const serviceRoleKey = tokenFor({ role: 'service_role', ...tenYears })
    const anonKey = tokenFor({ role: 'anon', ...tenYears })
    const [secretKey, publishableKey] = ['secret', 'publishable'].map((kind) => `sb_${kind}_${randomBytes(16).toString('base64url')}`) as [string, string]

    signal?.throwIfAborted()
    const postgrest = await startPostgrest(binaries, folder, { jwtSecret, maxRows, schemas }, owner)
    stops.push(() => postgrest.stop())
    signal?.throwIfAborted()
    const keys = new Map([[secretKey, serviceRoleKey], [serviceRoleKey, serviceRoleKey], [publishableKey, anonKey], [anonKey, anonKey]])
    const gateway = await startGateway({ socketPath: postgrestSocket(folder), keys })
    stops.push(() => gateway.stop())

    return {
      url: gateway.url,
      secretKey,
      publishableKey,
      serviceRoleKey,
      anonKey,
      tokenFor,
      sql: async (query, values) => {
        const results = [await pool.query(query, values)].flat()
        return results.findLast(({ fields }) => fields.length > 0)?.rows ?? []
      },
      stopDatabase: async () => {
        await postgres?.stop()
        postgres = undefined
      },
      startDatabase: async () => {
        postgres ??= await startPostgres(binaries, folder, owner)
        // It waits ever longer between its own attempts to connect; the signal makes it try now.
        postgrest.signal('USR1')
        await waitUntil(() => restIsReady(folder), 60_000)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function checked(options: SupabaseLocalOptions): SupabaseLocalOptions {
  const texts = (value: unknown): value is string[] => Array.isArray(value) && value.every((text) => typeof text === 'string')
  const rules: Record<keyof SupabaseLocalOptions, readonly [string, (value: unknown) => boolean]> = {
    migrations: ['a list of SQL texts', texts],
    maxRows: ['a whole number above 0', (value) => Number.isSafeInteger(value) && Number(value) > 0],
    schemas: ['a list of names, not empty', (value) => texts(value) && value.length > 0],
    signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
  }
  for (const [name, value] of Object.entries(options)) {
    const [expected, holds] = (Object.hasOwn(rules, name) ? rules[name as keyof SupabaseLocalOptions] : undefined) ?? [undefined, undefined]
    if (!holds) throw new TypeError(`startSupabaseLocal: there is no option ${JSON.stringify(name)}. Options: ${Object.keys(rules).join(', ')}.`)
    if (value !== undefined && !holds(value)) throw new TypeError(`startSupabaseLocal: ${name} must be ${expected}.`)
  }
  return options
}
