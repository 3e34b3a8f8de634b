import { createConsoleLog } from '@track-orchestrator/core/console'
import { createRunner, type JournaledStep } from '@track-orchestrator/core/in-process'
import type { CueReport } from '@track-orchestrator/registry/media'
import type { Environment } from '../environment.ts'
import { describeFailure } from '../program/describe-failure.ts'
import { registry } from '../registry.ts'
import { openWorkerTools } from '../worker-tools.ts'

/** A conversion that has succeeded. */
export interface Converted {
  readonly run: { readonly runId: string; readonly tenantId: string; readonly projectId: string }
  readonly sourceUrl: string
  readonly output: { readonly url: string; readonly srtUrl?: string | undefined }
  readonly steps: readonly JournaledStep[]
  /** The original's sound lies beneath the new voice, which is then listened to alone. */
  readonly hasBackground: boolean
  /** On the report. */
  readonly title: string
}

export interface VerifyOptions {
  readonly environment: Environment
  readonly stream: NodeJS.WritableStream
  readonly mode: 'lines' | 'json'
  readonly signal: AbortSignal
}

/** Measures what a conversion made, which is no run of its own in the journal. Says what it found in one line; a measuring that fails takes nothing away from the result. */
export async function verifyResult({ run, sourceUrl, output, steps, hasBackground, title }: Converted, { environment, stream, mode, signal }: VerifyOptions): Promise<{ readonly line: string; readonly reportUrl?: string }> {
  const { tenantId, projectId, runId } = run
  const runner = createRunner({ registry, handlers: openWorkerTools(environment).handlers, logs: [createConsoleLog({ mode, stream })] })
  const spoken = steps.find(({ taskName, nested }) => taskName === 'combine_audio_segments' && !nested)?.output as { cues: CueReport[]; finalAudio: string } | undefined
  const input = { tenantId, projectId, url: output.url, sourceUrl, title, ...(spoken && { cues: spoken.cues, ...(hasBackground && { voiceUrl: spoken.finalAudio }) }), ...(output.srtUrl !== undefined && { srtUrl: output.srtUrl }) }
  const result = await runner.settleSingleTask('verify_output', input, { runId, signal })
  signal.throwIfAborted()
  if (result.status !== 'succeeded') return { line: `Not verified: ${describeFailure(result.error)}` }
  const { summary, report, htmlUrl } = result.output
  return { line: `${report.passed ? 'Verified' : 'Not as it should be'}: ${summary}`, reportUrl: htmlUrl }
}
