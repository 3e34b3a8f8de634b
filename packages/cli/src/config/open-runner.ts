import { createRunner, type InProcessRunner } from '@track-orchestrator/core/in-process'
import type { RunLog } from '@track-orchestrator/core'
import type { Registry } from '@track-orchestrator/registry'
import { unlessAborted } from '@track-orchestrator/registry/waiting'
import type { LoadedConfig } from './load-config.ts'
import { openPart } from './open-part.ts'

type ConfiguredRunner = InProcessRunner<Registry, object>

/** How long the command waits at its end for logs that send what they hold. Milliseconds. */
const lastFlushMs = 5_000

/**
 * Hands out a runner for the configuration, with its handlers and logs opened. `shown`: where a person sees the run. Waits at the end until the logs have sent
 * what they hold, and closes those that can be: a history would tell of a run that goes on, until another process sends the rest. Does not wait for one whose other
 * side is away, nor where the command is to stop.
 */
export async function withRunner<Result>(loaded: LoadedConfig, shown: readonly RunLog[], signal: AbortSignal, use: (runner: ConfiguredRunner) => Promise<Result>): Promise<Result> {
  const logs = await openLogs(loaded)
  try {
    return await use(await unlessAborted(runnerOf(loaded, [...shown, ...logs]), signal))
  } finally {
    const isOurs = typeof loaded.config.logs === 'function' // opened for this command, by the configuration
    await Promise.all(logs.map((log) => end(log, isOurs, signal.aborted || log.isAway === true ? 0 : lastFlushMs).catch(() => undefined)))
  }
}

async function end(log: RunLog & { readonly close?: (deadlineMs: number) => Promise<void> }, isOurs: boolean, deadlineMs: number): Promise<void> {
  await (isOurs && typeof log.close === 'function' ? log.close(deadlineMs) : log.flush(deadlineMs))
}

/** A runner for the configuration in a process that goes on. Opens handlers and logs. */
export async function openRunner(loaded: LoadedConfig): Promise<ConfiguredRunner> {
  return runnerOf(loaded, await openLogs(loaded))
}

const openLogs = async (loaded: LoadedConfig): Promise<readonly RunLog[]> => (await openPart(loaded, 'logs')) ?? []

async function runnerOf(loaded: LoadedConfig, logs: readonly RunLog[]): Promise<ConfiguredRunner> {
  const { config, journal, tracks, orchestrators } = loaded
  const { registry, defaults, concurrency, taskConcurrency, retry, prices, limits } = config
  return createRunner<Registry, object>({
    registry,
    handlers: await openPart(loaded, 'handlers'),
    logs,
    journal,
    tracks: tracks.map(unscheduled),
    orchestrators: orchestrators.map(unscheduled),
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
  return createRunner({ registry: config.registry, handlers: {}, journal, tracks: tracks.map(unscheduled), orchestrators: orchestrators.map(unscheduled) })
}

/** Whoever runs a command waits for no schedule, and `tracks list` tells of them: a runner would warn at every command. */
function unscheduled<Definition extends { readonly schedule?: unknown }>({ schedule: _schedule, ...definition }: Definition): Omit<Definition, 'schedule'> {
  return definition
}
