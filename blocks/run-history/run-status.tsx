import type { Step, RunStatus } from './run-history-client'

const colours: Record<RunStatus | Step['status'], string> = {
  running: 'border-transparent bg-primary text-primary-foreground',
  succeeded: 'border-transparent bg-secondary text-secondary-foreground',
  failed: 'border-destructive text-destructive',
  cancelled: 'text-muted-foreground',
  skipped: 'text-muted-foreground',
}

/** How a run or a step stands: in words, not by colour alone. */
export function Status({ status }: { readonly status: RunStatus | Step['status'] }) {
  return <span className={`rounded-md border px-2 py-0.5 text-xs font-medium ${colours[status] ?? ''}`}>{status}</span>
}

/** `850 ms`, `12.3 s`, `4 min 05 s`; nothing where it is not known. */
export function durationOf(ms: number | null): string {
  if (ms === null) return ''
  if (ms < 1_000) return `${ms} ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
