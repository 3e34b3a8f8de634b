import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import { verifyOutput, type OutputReport, type StoredFile } from '@track-orchestrator/registry/media'
import { measureLoudness } from '../audio/loudness.ts'
import { parseFraction } from '../ffmpeg/frame-rate.ts'
import { requireAudio } from '../ffmpeg/probe-media.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools, type MediaTools } from '../media-tools.ts'
import { parseSrt, type SrtCue } from '../srt/parse-srt.ts'
import { subtitleViolations } from '../srt/subtitle-limits.ts'
import { hearUnits } from '../verify/compare-speech.ts'
import { judgeOutput, notMeasured, summarizeSpeech, summaryOf, type Measured } from '../verify/judge-output.ts'
import { reportHtml } from '../verify/report-html.ts'
import { reportMarkdown } from '../verify/report-markdown.ts'
import { compareWithEncode } from '../verify/similarity.ts'
import { measureSpeech, type SpeechLevels } from '../verify/speech-activity.ts'
import { openVideo, type OpenVideo } from '../video/open-video.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

type Input = (typeof verifyOutput)['~handler']['input']

/** Measures a finished video against its source and its cues, and stores what it found as JSON, as Markdown and as a page. */
export function createVerifyOutputHandler(options: MediaOptions): MediaHandler<typeof verifyOutput> {
  const tools = mediaTools('createVerifyOutputHandler', options)
  return handlerOf(verifyOutput, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const source = await openVideo(tools, workspace, input.sourceUrl)
      const result = await openVideo(tools, workspace, input.url)
      workspace.progress.report(0.1, 'counted the frames')
      const sound = await measureLoudness(workspace, { path: result.path }, { durationSeconds: result.timing.durationSeconds, from: 0.1, to: 0.2 })
      workspace.progress.begin('listen for speech')
      const levels = await listen(tools, workspace, input, source, result)
      workspace.progress.report(0.4, 'listened')
      const cues = input.srtUrl === undefined ? undefined : await readSubtitles(workspace, input.srtUrl)
      const similarity = input.compareWithEncode && (await compareWithEncode(tools, workspace, source, result, input.compareWithEncode))
      const measured = measure(input, { source, result, cues, levels, sound })
      const all: Measured = { ...measured, ...(similarity && { similarity }) }
      const checks = judgeOutput(all, input)
      const report: OutputReport = { passed: checks.every(({ passed }) => passed), checks, ...notMeasured(all), ...all }
      const summary = summaryOf(report)

      const title = input.title ?? nameOf(input.url)
      const page = { title, summary, report, durationSeconds: result.timing.durationSeconds, cues: cues ?? [], ...levels }
      const store = async (format: string, contentType: string, text: string): Promise<StoredFile> => {
        const path = workspace.path(`report.${format}`)
        await writeFile(path, text)
        return workspace.store(path, { format, contentType })
      }
      const html = await store('html', 'text/html; charset=utf-8', reportHtml(page))
      const markdown = await store('md', 'text/markdown; charset=utf-8', reportMarkdown(title, summary, report))
      const json = await store('json', 'application/json', `${JSON.stringify(report, undefined, 2)}\n`)
      workspace.progress.report(1, 'stored')
      return { report, summary, jsonUrl: json.url, markdownUrl: markdown.url, htmlUrl: html.url, files: [html, markdown, json] }
    }),
  )
}

/** The old sound on the clock of the old pictures, and the new one on its own, where there is speech to compare. */
async function listen(tools: MediaTools, workspace: Workspace, input: Input, source: OpenVideo, result: OpenVideo): Promise<{ old?: SpeechLevels; made?: SpeechLevels }> {
  const [oldAudio] = source.facts.audio
  if (!input.cues || !oldAudio || result.facts.audio.length === 0) return {}
  const { signal } = workspace
  const stream = (source.facts.audio.find(({ isDefault }) => isDefault) ?? oldAudio).index
  const clock = [`asetpts=PTS-${source.timing.firstSeconds.toFixed(6)}/TB`, 'aresample=48000:async=1:first_pts=0']
  const old = await measureSpeech(tools, { path: source.path, stream, filters: clock, kind: 'recorded' }, signal)
  const voicePath = input.voiceUrl === undefined ? result.path : await workspace.open(input.voiceUrl)
  const made = await measureSpeech(tools, { path: voicePath, stream: 0, filters: [], kind: 'laid' }, signal)
  return { old, made }
}

interface Found {
  readonly source: OpenVideo
  readonly result: OpenVideo
  readonly cues: readonly SrtCue[] | undefined
  readonly levels: { readonly old?: SpeechLevels; readonly made?: SpeechLevels }
  readonly sound: { readonly integratedLufs?: number; readonly truePeakDb?: number }
}

/** An overrun shorter than this is within what tempo can be trusted with, in seconds. */
const leastOverrun = 0.01

function measure(input: Input, { source, result, cues, levels, sound }: Found): Measured {
  const framesPerSecond = parseFraction(result.timing.frameRate) ?? result.timing.frameCount / result.timing.durationSeconds
  const units = input.cues && levels.old && levels.made ? hearUnits(input.cues, levels.old, levels.made) : undefined
  const spoken = units?.flatMap((unit) => (unit.new ? [unit.new] : []))
  const audio = requireAudio(result.facts)
  const startMs = 1_000 * (audio.startSeconds - result.timing.firstSeconds)
  const endMs = 1_000 * (audio.startSeconds + (audio.durationSeconds ?? 0) - result.timing.firstSeconds - result.timing.durationSeconds)
  const framesLost = Math.max(0, source.timing.frameCount - result.timing.frameCount)
  return {
    ...(units && {
      speech: summarizeSpeech(
        units,
        (input.cues ?? []).filter(({ shiftedSeconds }) => shiftedSeconds > 0).length,
        (input.cues ?? []).filter(({ overrunSeconds }) => overrunSeconds > leastOverrun).length,
      ),
    }),
    picture: { framesIn: source.timing.frameCount, framesOut: result.timing.frameCount, framesLost, framesPerSecond: Math.round(framesPerSecond * 1_000) / 1_000 },
    sync: { startMs: Math.round(startMs * 10) / 10, endMs: Math.round(endMs * 10) / 10 },
    sound: { ...(sound.integratedLufs !== undefined && { loudnessLufs: sound.integratedLufs }), ...(sound.truePeakDb !== undefined && { truePeakDb: sound.truePeakDb }) },
    ...(cues && { subtitles: { cues: cues.length, violations: subtitleViolations(cues, input, { framesPerSecond, spoken }) } }),
  }
}

/** Longest subtitles, in bytes: as long as split_srt_into_segments takes. */
const mostSrtBytes = 20_000_000

async function readSubtitles(workspace: Workspace, url: string): Promise<SrtCue[]> {
  const path = await workspace.open(url)
  const { size } = await stat(path)
  if (size > mostSrtBytes) throw new TerminalError(`The subtitles have ${size} bytes; the limit is ${mostSrtBytes}`, { code: 'media/too_large' })
  return parseSrt(await readFile(path, 'utf8'))
}

/** The last part of a URL's path, as a person reads it. */
function nameOf(url: string): string {
  const name = basename(url.replace(/[?#].*$/s, ''))
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
