import { AddTagsRequestBody, UpdateMetadataRequestBody } from '@trigger.dev/core/v3'
import { cancelRun } from '../engine/cancel-run.ts'
import { durationMsOf } from '../engine/duration.ts'
import { changeMetadata } from '../engine/run-metadata.ts'
import type { LocalApi } from './local-api.ts'
import { found, readBody, runIn } from './read-request.ts'
import { runDetails, runListItem } from './run-shapes.ts'

/** From when to when runs are listed, in milliseconds since 1970: of the last 7 days where nothing is said, as there. */
function timesOf(said: (name: 'from' | 'to' | 'period') => string | undefined): readonly [number, number] {
  const [from, to, period] = [said('from'), said('to'), said('period')]
  const isAll = period === undefined && (from !== undefined || to !== undefined)
  return [isAll ? Number(from ?? 0) : Date.now() - durationMsOf(period ?? '7d'), isAll && to !== undefined ? Number(to) : Number.POSITIVE_INFINITY]
}

/** What callers ask of runs: one, many, cancel, metadata, tags; and of batches. */
export function addRunRoutes({ app, engine }: LocalApi): void {
  app.get('/api/v3/runs/:run', async (context) => context.json(await runDetails(runIn(engine, context), engine.version)))

  app.get('/api/v1/runs', (context) => {
    const among = (name: string) => context.req.query(`filter[${name}]`)?.split(',')
    const [statuses, tasks, tags] = [among('status'), among('taskIdentifier'), among('tag')]
    const [from, to] = timesOf((name) => context.req.query(`filter[createdAt][${name}]`))
    const size = Number(context.req.query('page[size]') ?? 25)
    const newestFirst = [...engine.runs.values()].toReversed()
    const start = newestFirst.findIndex(({ friendlyId }) => friendlyId === context.req.query('page[after]')) + 1
    const matching = newestFirst.slice(start).filter((run) =>
      run.createdAt.getTime() >= from && run.createdAt.getTime() <= to && (!tasks || tasks.includes(run.task)) && (!tags || tags.some((tag) => run.tags.includes(tag))) && (!statuses || statuses.includes(runListItem(run).status)))
    const page = matching.slice(0, size)
    return context.json({ data: page.map(runListItem), pagination: matching.length > size ? { next: page.at(-1)!.friendlyId } : {} })
  })

  app.post('/api/v2/runs/:run/cancel', (context) => {
    const run = runIn(engine, context)
    cancelRun(engine, run)
    return context.json({ id: run.friendlyId })
  })

  app.get('/api/v1/runs/:run/metadata', (context) => context.json({ metadata: runIn(engine, context).metadata }))
  app.put('/api/v1/runs/:run/metadata', async (context) => {
    const run = runIn(engine, context)
    changeMetadata(run, await readBody(context, UpdateMetadataRequestBody))
    return context.json({ metadata: run.metadata })
  })

  app.post('/api/v1/runs/:run/tags', async (context) => {
    const run = runIn(engine, context)
    const { tags } = await readBody(context, AddTagsRequestBody)
    run.tags = [...new Set([...run.tags, ...(typeof tags === 'string' ? [tags] : tags)])]
    return context.json({ message: `Successfully set ${run.tags.length} tags.` })
  })

  app.get('/api/v2/batches/:batch', (context) => {
    const batch = found(engine.batches.get(context.req.param('batch')), 'Batch not found')
    const status = batch.completedAt ? 'COMPLETED' : batch.sealed ? 'PROCESSING' : 'PENDING'
    return context.json({
      id: batch.friendlyId, status, createdAt: batch.createdAt, updatedAt: batch.completedAt ?? batch.createdAt,
      runCount: batch.runCount,
      // Empty until the whole batch has become runs, as there.
      runs: batch.expanded < batch.runCount ? [] : [...batch.runs].map(({ friendlyId }) => friendlyId),
      processing: { completedAt: batch.completedAt, errors: [] },
    })
  })
}
