import { readRun, readSteps, watchRuns, type History, type Run, type Step } from './run-history-client'
import { durationOf, Status } from './run-status'
import { useLooks } from './use-looks'

interface Seen {
  readonly run: Run | undefined
  readonly steps: readonly Step[]
}

/** A run and its steps, live while it runs. The steps are read again only where the run has new events. */
export function RunDetails({ history, runId, intervalMs, realtime }: { readonly history: History; readonly runId: string; readonly intervalMs: number; readonly realtime: boolean }) {
  const look = async (signal: AbortSignal, before: Seen | undefined): Promise<Seen> => {
    const run = await readRun(history, runId, signal)
    if (!run || run.event_count === before?.run?.event_count) return { run, steps: run ? before!.steps : [] }
    return { run, steps: await readSteps(history, runId, signal) }
  }
  const watch = realtime ? (onChange: () => void) => watchRuns(history, onChange) : undefined
  const { value, error } = useLooks(`${history.tenantId}/${runId}`, look, ({ run }: Seen) => run === undefined || run.status === 'running', intervalMs, watch)
  return (
    <section aria-label={`Run ${runId}`} className="flex min-w-0 flex-col gap-3">
      {error !== undefined && <p role="alert" className="text-destructive text-sm">{error}</p>}
      {!value && error === undefined && <p className="text-muted-foreground text-sm">Loading the run…</p>}
      {value && !value.run && <p className="text-muted-foreground text-sm">There is no such run.</p>}
      {value?.run && (
        <>
          <h2 className="flex items-center gap-2 font-medium">
            {value.run.name} <Status status={value.run.status} />
          </h2>
          <p className="text-muted-foreground font-mono text-xs break-all">{runId}</p>
          {value.run.error?.message !== undefined && <p className="text-destructive text-sm break-words">{value.run.error.message}</p>}
          <ol aria-live="polite" className="divide-y rounded-md border text-sm">
            {value.steps.map((step) => (
              <li key={step.path} data-step={step.step} className="flex flex-wrap items-baseline gap-2 px-3 py-2">
                <span className="min-w-0 flex-1 truncate" title={step.path}>{step.step}</span>
                {(step.attempt ?? 1) > 1 && <span className="text-muted-foreground text-xs">attempt {step.attempt}</span>}
                {step.status === 'running' && step.progress !== null && (
                  <progress aria-label={`Progress of ${step.step}`} max={1} value={step.progress} className="h-2 w-24" />
                )}
                <span className="text-muted-foreground tabular-nums">{durationOf(step.duration_ms)}</span>
                <Status status={step.status} />
                {step.error?.message !== undefined && <p className="text-destructive w-full break-words">{step.error.message}{step.handled && ' (the track went on)'}</p>}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}
