import type { JournaledStep } from '@track-orchestrator/core/in-process'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { creditLines } from '../program/credits.ts'
import { tableOf } from '../program/table.ts'
import { describeOutput } from './describe-output.ts'

/** How each step of a run went and what it made, track by track, for a terminal. */
export function stepTable(steps: readonly JournaledStep[]): string {
  const own = steps.filter(({ nested }) => !nested)
  const tracks = [...new Set(own.map(({ track }) => track))]
  const rows = tracks.flatMap((track) => [[track], ...own.filter((step) => step.track === track).map(rowOf)])
  return tableOf([['Step', 33], ['Status', 11], ['Time', 12], ['Output', 19]], rows.map((cells) => cells.map(printable)))
}

function rowOf({ step, status, startedAt, endedAt, output, error }: JournaledStep): string[] {
  const duration = endedAt === undefined ? '' : formatDuration(endedAt - startedAt)
  if (status === 'succeeded') return [step, status, duration, describeOutput(output)]
  return error?.code === 'cancelled' ? [step, 'cancelled', duration, ''] : [step, status, duration, error?.code ?? '']
}

/** Who listened and who spoke, as the outputs say. */
export function creditsOf(steps: readonly JournaledStep[]): string[] {
  const outputs = steps.map(({ output }) => output as { readonly transcript?: { readonly provider: string }; readonly provider?: string } | undefined)
  const heard = outputs.find((output) => output?.transcript)?.transcript?.provider
  return creditLines(heard, outputs.find((output) => output?.provider !== undefined)?.provider)
}
