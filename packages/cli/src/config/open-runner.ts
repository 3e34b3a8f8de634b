import { createRunner, type InProcessRunner } from '@track-orchestrator/core/in-process'
import type { RunLog } from '@track-orchestrator/core'
import type { Registry } from '@track-orchestrator/registry'
import type { LoadedConfig } from './load-config.ts'

/** A runner for the configuration. `shown`: where a person sees the run. Opens handlers and logs. */
export async function openRunner({ config, journal, tracks, orchestrators }: LoadedConfig, shown: readonly RunLog[]): Promise<InProcessRunner<Registry, object>> {
  const { registry, handlers, logs = [], defaults, concurrency, taskConcurrency, retry, prices, limits } = config
  const opened = typeof logs === 'function' ? await logs() : logs
  return createRunner<Registry, object>({
    registry,
    handlers: typeof handlers === 'function' ? await handlers() : handlers,
    logs: [...shown, ...opened],
    journal,
    tracks,
    orchestrators,
    ...(defaults && { defaults }),
    ...(concurrency !== undefined && { concurrency }),
    ...(taskConcurrency && { taskConcurrency }),
    ...(retry && { retry }),
    ...(prices && { prices }),
    ...(limits && { limits }),
  })
}

/** A runner that only plans: it opens nothing. */
export function openPlanner({ config, journal, tracks, orchestrators }: LoadedConfig): InProcessRunner<Registry> {
  return createRunner({ registry: config.registry, handlers: {}, journal, tracks, orchestrators })
}
