import type { EventRow } from '../event-row.ts'

/** The n-th of some rows that a test writes. */
export function eventRow(n: number, more: Partial<EventRow> = {}): EventRow {
  const id = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`
  return { id, tenant_id: 't', project_id: 'p', run_id: 'run', run_name: 'Track', sequence: n, at: '2026-01-01T00:00:00.000Z', type: 'log', level: 'info', message: `event ${n}`, ...more }
}

/** So many of them, from 1. */
export function eventRows(count: number): EventRow[] {
  return Array.from({ length: count }, (_, index) => eventRow(index + 1))
}
