import Table from 'cli-table3'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { formatDuration } from '@track-orchestrator/core/console'
import { creditLines } from '../credits.ts'
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
      return [end.track, end.step, cancelled ? 'cancelled' : 'failed', duration, cancelled ? '' : end.error.code]
    }
    if (end.type === 'step.skipped') return [end.track, end.step, 'skipped', duration, '']
    return [end.track, end.step, 'succeeded', duration, describeOutput(end.output)]
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
      const table = new Table({ head: ['Track', 'Step', 'Status', 'Time', 'Output'], style: { head: [], border: [], compact: true } })
      const order = (end: StepEnd) => (tracks.includes(end.track) ? tracks.indexOf(end.track) : tracks.length)
      table.push(...ends.toSorted((a, b) => order(a) - order(b)).map(row))
      return table.toString()
    },
    credits() {
      const outputs = ends.map((end) => ('output' in end ? end.output : undefined) as { transcript?: { provider: string }; provider?: string } | undefined)
      const heard = outputs.find((output) => output?.transcript)?.transcript?.provider
      const spoken = outputs.find((output) => output?.provider !== undefined)?.provider
      return creditLines(heard, spoken)
    },
  }
}
