import { randomBytes } from 'node:crypto'
import { RunId } from '@trigger.dev/core/v3/isomorphic'
import { completeWaitpoint, createWaitpoint } from './complete-waitpoint.ts'
import { announce, type Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { Run } from './run.ts'
import { checkMetadata } from './run-metadata.ts'
import { addSnapshot } from './snapshot.ts'
import type { TriggerRequest } from './trigger-request.ts'

/** Above this the real server hands a payload to its object store; here there is none. */
const inlinePayloadLimitBytes = 512 * 1024

type Settings = Pick<Run, 'parent' | 'tags' | 'queueName' | 'delayUntil' | 'ttl'>

/** Writes a new run down, neither queued nor started. */
export function createRun(engine: Engine, request: TriggerRequest, settings: Settings): Run {
  const { task, options = {}, batch } = request
  const { parent } = settings
  const { payload, payloadType } = packet(request)
  const ids = RunId.generate()
  const now = new Date()
  const run: Run = {
    ...ids, ...settings, task, payload, payloadType, options,
    root: parent?.root ?? parent,
    children: [],
    batchId: batch?.id,
    traceparent: childOf(request.traceparent ?? parent?.traceparent),
    waitpoint: createWaitpoint(engine, { type: 'RUN', run: ids }),
    createdAt: now,
    queuedAtMs: now.getTime() - (options.priority ?? 0) * 1000,
    status: settings.delayUntil ? 'DELAYED' : 'PENDING',
    attemptNumber: 0,
    snapshots: [],
    blockers: [],
    metadata: checkMetadata(request.metadata ?? {}),
    updatedAt: now,
    startedAt: undefined, completedAt: undefined, expiresAt: undefined, expiredAt: undefined, lockedTo: undefined, heartbeatAt: undefined,
    output: undefined, outputType: undefined, error: undefined,
    durationMs: 0,
  }
  engine.runs.set(run.friendlyId, run)
  parent?.children.push(run)
  announce(engine, { type: 'run.created', id: run.friendlyId, task })
  return run
}

/** A run that failed before it began: a batch item that could not be triggered. */
export function createFailedRun(engine: Engine, request: TriggerRequest, error: NonNullable<Run['error']>, parent: Run | undefined): Run {
  const run = createRun(engine, { ...request, payload: '{}', options: {}, metadata: {} }, { parent, tags: [], queueName: `task/${request.task}`, delayUntil: undefined, ttl: undefined })
  run.status = 'SYSTEM_FAILURE'
  run.error = error
  run.completedAt = new Date()
  addSnapshot(engine, run, 'FINISHED', 'Run could not be triggered')
  completeWaitpoint(engine, run.waitpoint, { output: JSON.stringify(error), outputIsError: true })
  return run
}

function packet({ payload, options = {}, batch }: TriggerRequest): { payload: string; payloadType: string } {
  const payloadType = options.payloadType ?? 'application/json'
  // A batch item comes as the text that the SDK made; a single call as the value.
  const text = typeof payload === 'string' && (batch || payloadType !== 'application/json') ? payload : (JSON.stringify(payload) ?? '')
  if (!batch && Buffer.byteLength(text) > inlinePayloadLimitBytes) throw new RequestError('Failed to upload large payload to object store', 500)
  return { payload: text, payloadType }
}

/** A place of its own in the caller's trace, or in a new one. */
function childOf(traceparent: string | undefined): string {
  const traceId = traceparent?.split('-')[1] ?? randomBytes(16).toString('hex')
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`
}
