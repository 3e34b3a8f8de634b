export { toEventRow } from './event-row.ts'
export type { EventRow } from './event-row.ts'
export { migrations, migrationSql } from './migration-sql.ts'
