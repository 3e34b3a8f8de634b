import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { creditLines } from '../program/credits.ts'
import { tableOf } from '../program/table.ts'
import { describeOutput } from './describe-output.ts'

type StepEnd = Extract<RunEvent, { type: 'step.succeeded' | 'step.failed' | 'step.skipped' }>

/** A log that remembers how each step ended, and shows it as a table. */
export interface StepTable extends RunLog {
  toString(): string
  /** Who listened and who spoke. */
  credits(): string[]
}

export function createStepTable(): StepTable {
  const ends: StepEnd[] = []
  const tracks: string[] = []
  const row = (end: StepEnd): string[] => {
    const duration = 'durationMs' in end ? formatDuration(end.durationMs) : ''
    if (end.type === 'step.failed') {
      const cancelled = end.error.code === 'cancelled'
      return [end.step, cancelled ? 'cancelled' : 'failed', duration, cancelled ? '' : end.error.code]
    }
    if (end.type === 'step.skipped') return [end.step, 'skipped', duration, '']
    return [end.step, 'succeeded', duration, describeOutput(end.output)]
  }
  return {
    payloads: true,
    write(event) {
      if (event.type === 'track.started') tracks.push(event.track)
      const ended = event.type === 'step.succeeded' || event.type === 'step.failed' || event.type === 'step.skipped'
      if (ended && !event.nested) ends.push(event)
    },
    flush: () => Promise.resolve(),
    toString() {
      const byTrack = [...new Set([...tracks, ...ends.map(({ track }) => track)])].map((track) => [track, ends.filter((end) => end.track === track)] as const)
      const rows = byTrack.flatMap(([track, steps]) => (steps.length === 0 ? [] : [[track], ...steps.map(row)]))
      return tableOf([['Step', 33], ['Status', 11], ['Time', 12], ['Output', 19]], rows.map((cells) => cells.map(printable)))
    },
    credits() {
      const outputs = ends.map((end) => ('output' in end ? end.output : undefined) as { transcript?: { provider: string }; provider?: string } | undefined)
      const heard = outputs.find((output) => output?.transcript)?.transcript?.provider
      const spoken = outputs.find((output) => output?.provider !== undefined)?.provider
      return creditLines(heard, spoken)
    },
  }
}
