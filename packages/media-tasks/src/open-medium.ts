import { basename } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { ClockRuns } from './ffmpeg/clock-runs.ts'
import { measureVideo, requireTimes, type VideoTiming } from './ffmpeg/measure-video.ts'
import { probeWithClock, readClock, requireLimits, type ProbedMedium } from './ffmpeg/probe-media.ts'
import type { KeptFacts } from './kept-facts.ts'
import type { MediaTools } from './media-tools.ts'
import { clockNote, mendClock } from './mend-clock.ts'
import type { Workspace } from './workspace.ts'

type Tools = Pick<MediaTools, 'ffmpeg' | 'limits'>
type Picture = MediaFacts['video'][number]
/** Which picture of a medium is to be measured. */
type Choose<Chosen extends Picture | undefined> = (facts: MediaFacts) => Chosen

/** A medium that has been let in, on one clock. */
export interface OpenMedium<Chosen extends Picture | undefined = Picture | undefined> {
  readonly path: string
  readonly facts: MediaFacts
  /** The picture that was chosen, and what its packets say. */
  readonly stream: Chosen
  readonly timing: Chosen extends undefined ? undefined : VideoTiming
  /** What was done to the medium before anything else, for a person. */
  readonly notes?: readonly string[] | undefined
}

/**
 * Opens a medium and finds out what it holds: from what an earlier step has kept beside it, else by probing it. Limits hold in either case.
 * Throws what `open`, `readMedium` and `choose` throw.
 */
export async function openMedium<Chosen extends Picture | undefined>(tools: Tools, workspace: Workspace, url: string, choose: Choose<Chosen>): Promise<OpenMedium<Chosen>> {
  const path = await workspace.open(url)
  return readMedium(tools, workspace, path, choose, await workspace.known(url, path))
}

/**
 * Finds out what a file holds, and brings it onto one clock where its own begins anew on the way: `path` is another file then.
 * Throws what `probeMedia` and `measureVideo` throw, and `media/format_refused` where its clock cannot be mended.
 */
export async function readMedium<Chosen extends Picture | undefined>(tools: Tools, workspace: Workspace, path: string, choose: Choose<Chosen>, known?: KeptFacts): Promise<OpenMedium<Chosen>> {
  const first = await inspect(tools, workspace, path, choose, known)
  if (!first.broken) return first.medium
  const second = await inspect(tools, workspace, await mendClock(workspace, path, first.facts, first.broken), choose)
  if (second.broken) throw new TerminalError(`${basename(path)} has times that contradict each other. Encode it once more with the program that made it.`, { code: 'media/format_refused' })
  return { ...second.medium, notes: [clockNote(first.broken.runs.length - 1)] }
}

/** A medium as it is, or else where its clock begins anew. */
type Inspected<Chosen extends Picture | undefined> = { readonly medium: OpenMedium<Chosen>; readonly broken?: undefined } | { readonly broken: ClockRuns; readonly facts: MediaFacts }

async function inspect<Chosen extends Picture | undefined>({ ffmpeg, limits }: Tools, { signal }: Workspace, path: string, choose: Choose<Chosen>, known?: KeptFacts): Promise<Inspected<Chosen>> {
  const options = { signal, limits }
  if (known) requireLimits(limits, basename(path), known.facts)
  const { facts, clock }: ProbedMedium = known ?? (await probeWithClock(ffmpeg, path, options))
  if (isBroken(clock)) return { broken: clock, facts }
  const stream = choose(facts)
  const timing = stream && (known?.timing && known.stream === stream.index ? withinLimits(known.timing, limits) : await measureVideo(ffmpeg, path, stream, options))
  // Where the picture is not measured, only the packets of the sound can tell.
  const mayBeBroken = timing ? timing.clockGoesBack : !known && !clock && facts.video.length === 0 && hasClock(facts)
  const found = mayBeBroken ? await readClock(ffmpeg, path, facts, options) : undefined
  return isBroken(found) ? { broken: found, facts } : { medium: { path, facts, stream, timing: timing as OpenMedium<Chosen>['timing'], notes: known?.notes } }
}

const isBroken = (clock: ClockRuns | undefined): clock is ClockRuns => clock !== undefined && clock.runs.length > 1

/** Containers of sound that have no times but the number of their samples, or are read by these alone. */
const clockless: ReadonlySet<string> = new Set(['mp3', 'wav', 'w64', 'flac', 'aac', 'aiff', 'au'])
const hasClock = ({ container }: MediaFacts): boolean => !clockless.has(container)

function withinLimits(timing: VideoTiming, limits: MediaTools['limits']): VideoTiming {
  requireTimes(timing.times, limits)
  return timing
}
