import { describeEvent } from '@track-orchestrator/core/console'
import type { RunEvent } from '@track-orchestrator/core'
import { exitCodes } from '../exit.ts'
import type { CommandEnd } from './run-command.ts'

/** A tool's answer, as the protocol has it. */
export interface ToolAnswer {
  readonly [key: string]: unknown
  readonly content: { readonly type: 'text'; readonly text: string }[]
  readonly isError?: true
}

/** An answer up to this many characters: what is longer would fill an agent's memory. */
const longestAnswer = 40_000

/** What the command wrote, or said on its way out. */
export function answerOf({ exitCode, out, err }: CommandEnd): ToolAnswer {
  const said = [compact(out), err].map((text) => text.trim()).filter((text) => text !== '').join('\n')
  const text = said.length > longestAnswer ? `${said.slice(0, longestAnswer)}\n… cut after ${longestAnswer} of ${said.length} characters: tracks export writes all of it into a file.` : said
  return { content: [{ type: 'text', text: text === '' ? 'Nothing.' : text }], ...(exitCode !== exitCodes.done && { isError: true }) }
}

/** The answer while a run still goes on. `asks`: what it asks people for. */
export function stillRunning(runId: string | undefined, asks: readonly unknown[]): ToolAnswer {
  const next = asks.length > 0 ? 'It waits for a person, who answers by: tracks approve <run> <step> <value>. Ask show for this run later; cancel stops it.' : 'It goes on. Ask show for this run later; cancel stops it.'
  return { content: [{ type: 'text', text: JSON.stringify({ ...(runId !== undefined && { runId }), status: 'running', ...(asks.length > 0 && { asks }), next }) }] }
}

/** Indented JSON without the indentation. */
function compact(out: string): string {
  try {
    return JSON.stringify(JSON.parse(out))
  } catch {
    return out
  }
}

/** A line that the command writes while a run goes on: of which run it tells, and what. Nothing for what belongs into the answer. */
export function eventOfLine(line: string): { readonly runId: string; readonly told: string | undefined } | undefined {
  const event = objectOf(line)
  if (typeof event?.['type'] !== 'string' || typeof event['runId'] !== 'string' || event['type'] === 'result') return undefined
  return { runId: event['runId'], told: event['type'] === 'state' ? String(event['status']) : describeEvent(event as unknown as RunEvent, 'info') }
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
