import type { OrchestratorResult } from '@track-orchestrator/core'
import type { CueReport } from '@track-orchestrator/registry/media'
import type { createLocalRunner } from '../local-runner.ts'
import { describeFailure } from '../program/describe-failure.ts'

type Runner = Awaited<ReturnType<typeof createLocalRunner>>

export interface VerifiedRun {
  readonly sourceUrl: string
  readonly output: { readonly url: string; readonly srtUrl?: string | undefined }
  readonly tracks: OrchestratorResult['tracks']
  /** The original's sound lies beneath the new voice, which is then listened to alone. */
  readonly hasBackground: boolean
}

/** Measures what a conversion made. Says what it found in one line; a measuring that fails takes nothing away from the result. */
export async function verifyResult(
  runner: Runner,
  { sourceUrl, output, tracks, hasBackground }: VerifiedRun,
  { title, base, signal }: { readonly title: string; readonly base: { readonly tenantId: string; readonly projectId: string }; readonly signal: AbortSignal },
): Promise<{ readonly line: string; readonly reportUrl?: string }> {
  const audio = tracks['AudioProcessingTrack'] ?? tracks['TranslatedAudioTrack']
  const spoken = audio?.status === 'succeeded' ? (audio.output as { cues: CueReport[]; finalAudio: string }) : undefined
  const input = { ...base, url: output.url, sourceUrl, title, ...(spoken && { cues: spoken.cues, ...(hasBackground && { voiceUrl: spoken.finalAudio }) }), ...(output.srtUrl !== undefined && { srtUrl: output.srtUrl }) }
  const result = await runner.settleSingleTask('verify_output', input, { signal })
  signal.throwIfAborted()
  if (result.status !== 'succeeded') return { line: `Not verified: ${describeFailure(result.error)}` }
  const { summary, report, htmlUrl } = result.output
  return { line: `${report.passed ? 'Verified' : 'Not as it should be'}: ${summary}`, reportUrl: htmlUrl }
}
