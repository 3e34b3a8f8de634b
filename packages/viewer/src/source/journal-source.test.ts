import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSamples } from '../testing/sample-runs.ts'
import { allEvents, modelOf, sourceSuite } from '../testing/source-suite.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'viewer-journal-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

sourceSuite('a journal', async () => {
  const samples = openSamples(join(folder, 'suite'))
  await samples.begin('Reading', 'reading')
  samples.release()
  await samples.begin('Failing', 'failing')
  return { source: samples.source(), close: () => Promise.resolve() }
})

describe('a journal', () => {
  test('is followed while a run is written: what comes later is told from where the reader was', async () => {
    const samples = openSamples(join(folder, 'live'))
    const source = samples.source()
    const going = samples.begin('Waiting', 'waiting')
    await expect.poll(async () => (await source.run('waiting').catch(() => undefined))?.status).toBe('running')
    await expect.poll(async () => (await modelOf(source, 'waiting')).steps.get('Waiting/linger')?.status).toBe('running')
    const { next } = await source.events('waiting')
    expect((await source.run('waiting')).acts).toEqual([{ act: 'cancel', command: 'tracks cancel waiting' }])
    const command = { program: 'npx tracks', options: ['--config', "it's mine.mjs"] }
    expect(await samples.source({ command }).run('waiting')).toMatchObject({ command, acts: [{ act: 'cancel', command: String.raw`npx tracks cancel waiting --config 'it'\''s mine.mjs'` }] })
    samples.release()
    await going
    const later = await source.events('waiting', next)
    expect(later.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['call.succeeded', 'run.succeeded', 'run.ended']))
    expect(await source.run('waiting')).toMatchObject({ status: 'succeeded', acts: [{ act: 'fork' }] })
  })

  test('that was deleted and begun anew under the same id is read anew', async () => {
    const samples = openSamples(join(folder, 'again'))
    const source = samples.source()
    await samples.begin('Reading', 'again')
    const before = await allEvents(source, 'again')
    await samples.journal.delete('again')
    await expect(source.run('again')).rejects.toMatchObject({ code: 'viewer/unknown_run' })
    await samples.begin('Chatty', 'again', { lines: 1 })
    expect((await source.run('again')).name).toBe('Chatty')
    expect(before.length).toBeGreaterThan((await allEvents(source, 'again')).length)
  })

  test('with a last line that is not whole yet is read up to it', async () => {
    const samples = openSamples(join(folder, 'torn'))
    const source = samples.source()
    await samples.begin('Chatty', 'torn', { lines: 2 })
    const whole = await allEvents(source, 'torn')
    await appendFile(join(folder, 'torn/runs/torn/journal.jsonl'), '{"n":99,"at":1,"type":"ev')
    expect(await allEvents(samples.source(), 'torn')).toEqual(whole)
  })

  test('lists damaged runs as such, with what is wrong, which opening one says as well', async () => {
    const samples = openSamples(join(folder, 'damaged'))
    for (const runId of ['whole', 'hurt']) await samples.begin('Chatty', runId, { lines: 1 })
    const path = join(folder, 'damaged/runs/hurt/journal.jsonl')
    await writeFile(path, `not a record\n${await readFile(path, 'utf8')}`)
    const source = samples.source()
    const { runs } = await source.list({})
    expect(runs.map(({ runId, name, status }) => ({ runId, name, status })).toSorted((a, b) => a.runId.localeCompare(b.runId))).toEqual([{ runId: 'hurt', name: 'Chatty', status: 'damaged' }, { runId: 'whole', name: 'Chatty', status: 'succeeded' }])
    expect(await source.list({ status: 'damaged' })).toMatchObject({ runs: [{ runId: 'hurt', error: { code: 'journal/damaged' } }] })
    await expect(source.run('hurt')).rejects.toMatchObject({ code: 'journal/damaged' })
  })

  test('tells what a run, its tracks and its steps have paid', async () => {
    const samples = openSamples(join(folder, 'paid'))
    const source = samples.source()
    await samples.begin('Chatty', 'paid', { lines: 2 })
    const paid = { lines: 2 }
    expect((await source.list({})).runs).toMatchObject([{ costs: paid }])
    expect(await source.run('paid')).toMatchObject({ costs: paid })
    const model = await modelOf(source, 'paid')
    expect([model.costs, model.tracks.get('Chatty')?.costs, model.steps.get('Chatty/chatty')?.costs]).toEqual([paid, paid, paid])
  })

  test('tells of a fork what was taken over, and how it differs', async () => {
    const samples = openSamples(join(folder, 'fork'))
    const source = samples.source()
    await samples.begin('Reading', 'first')
    await samples.runner.fork('first', { runId: 'second', from: 'speak' })
    expect(await source.run('second')).toMatchObject({ forkOf: 'first', fork: { from: 'Reading/Speech/speak' } })
    const model = await modelOf(source, 'second')
    expect(model.steps.get('Reading/Speech/split')).toMatchObject({ status: 'succeeded', takenFrom: 'first' })
    expect(model.steps.get('Reading/Speech/speak[0]')!.takenFrom).toBeUndefined()
    expect(await source.compare!('first', 'second')).toMatchObject({ before: 'first', after: 'second' })
  })

  test('draws the definition where there is one of that name', async () => {
    const samples = openSamples(join(folder, 'suite'))
    expect((await samples.source().run('reading')).outline).toMatchObject({
      kind: 'orchestrator',
      tracks: [{ path: 'Reading/Speech', steps: [{ path: 'Reading/Speech/split' }, { path: 'Reading/Speech/speak', repeats: true }, {}] }, { name: 'Words', subTracks: [{ path: 'Reading/Words/Upper' }, { steps: [{ conditional: true }] }] }],
      finalStep: { path: 'Reading/final:join' },
    })
  })
})
