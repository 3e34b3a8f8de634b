// How things are said.

export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return ''
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`
}

const sameDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
export const moment = (at: number): string => (new Date(at).toDateString() === new Date().toDateString() ? sameDay : otherDay).format(at)
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
export const clockTime = (at: number): string => clock.format(at)

/** Amounts by unit: `1,200 characters, 0.36 USD`. */
export const costsText = (costs: Readonly<Record<string, number>>): string => Object.entries(costs).map(([unit, amount]) => `${amount.toLocaleString('en-US', { maximumFractionDigits: 6 })} ${unit.replaceAll('_', ' ')}`).join(', ')

/** Marks of how something stands: a shape as well as a colour. */
export const markOf: Readonly<Record<string, string>> = { waiting: '○', running: '◔', retrying: '↻', succeeded: '✓', reused: '⟲', failed: '✕', skipped: '⤼', cancelled: '⊘', interrupted: '!', damaged: '!', 'not reached': '○' }

export const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
export const below = (path: string, name: string): string => (path.startsWith(`${name}/`) ? path.slice(name.length + 1) : path)

/** A status as the name of a class. */
export const classOf = (status: string): string => status.replaceAll(' ', '-')
