import { cancel, trigger } from '@track-orchestrator/trigger-local'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { resumeOptions } from '../src/crossing/resume.ts'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
import { linesOf, type CliSession, type OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }
const beforeFour = ['beside', 'one', 'three', 'two']

/** Resuming an earlier run: what finished is not run again, and nothing stale is taken. */
export function resumeTests(open: OpenSession): void {
  describe('a resumed run on Trigger.dev', () => {
    test('runs again only what had not finished when a step failed, and so does the next one that resumes it', async () => {
      const { payload, runTale, stepsSince } = await newTale(await open(), 'breakOnce')
      const first = await runTale(payload)
      expect(first).toMatchObject({ status: 'FAILED' })
      expect(errorOfRun(first)).toMatchObject({ code: 'terminal', message: 'broken this once', place: { track: 'TaleEnd', step: 'four' } })
      expect(stepsSince()).toEqual(['four', ...beforeFour].toSorted())
      const second = await runTale(payload, resumeOptions(first.id))
      expect(second.output).toMatchObject({ value: 28 })
      expect(stepsSince()).toEqual(['five', 'four'])
      await runTale(payload, resumeOptions(second.id))
      expect(stepsSince()).toEqual([])
    })

    test('runs again only what had not finished when the process of a step was killed', async () => {
      const session = await open()
      const { payload, journal, runTale, stepsSince } = await newTale(session, 'hangOnce')
      const id = await trigger(session.server, 'Tale', payload)
      await untilFour(journal)
      const [, pid] = linesOf(journal).find((line) => line.startsWith('four '))!.split(' ')
      process.kill(Number(pid), 'SIGKILL')
      expect(await session.ended(id)).toMatchObject({ isFailed: true })
      expect(stepsSince()).toEqual(['four', ...beforeFour].toSorted())
      expect((await runTale(payload, resumeOptions(id))).output).toMatchObject({ value: 28 })
      expect(stepsSince()).toEqual(['five', 'four'])
    })

    test('runs again what had been cancelled, though Trigger.dev keeps the key of a cancelled run', async () => {
      const session = await open()
      const { payload, journal, runTale, stepsSince } = await newTale(session, 'hangOnce')
      const id = await trigger(session.server, 'Tale', payload)
      await untilFour(journal)
      await cancel(session.server, id)
      expect(await session.ended(id)).toMatchObject({ status: 'CANCELED' })
      expect(stepsSince()).toEqual(['four', ...beforeFour].toSorted())
      expect((await runTale(payload, resumeOptions(id))).output).toMatchObject({ value: 28 })
      expect(stepsSince()).toEqual(['five', 'four'])
    })

    test('runs again exactly the steps whose input is another since a mapper changed', async () => {
      const { payload, mapperFile, runTale, stepsSince } = await newTale(await open())
      const first = await runTale(payload)
      expect(first.output).toMatchObject({ value: 28 })
      expect(stepsSince()).toEqual(['five', 'four', ...beforeFour].toSorted())
      writeFileSync(mapperFile, '7')
      expect((await runTale(payload, resumeOptions(first.id))).output).toMatchObject({ value: 29 })
      expect(stepsSince()).toEqual(['five', 'three'])
    })

    test('is refused where there is no such run, or it is one of something else', async () => {
      const { payload, runTale, stepsSince } = await newTale(await open())
      const unknown = await runTale(payload, resumeOptions('run_unknown'))
      expect(unknown.error?.message).toMatch(/run run_unknown could not be found/)
      const other = await (await open()).run('suite_add', { ...base, n: 1 })
      expect((await runTale(payload, resumeOptions(other.id))).error?.message).toMatch(/is a run of suite_add, not of Tale/)
      expect(stepsSince()).toEqual([])
    })
  })
}

async function newTale({ run, newFile }: CliSession, trouble?: 'breakOnce' | 'hangOnce') {
  const journal = newFile('journal')
  const mapperFile = newFile('mapper')
  writeFileSync(mapperFile, '6')
  let seen = 0
  return {
    journal,
    mapperFile,
    payload: { ...base, journal, mapperFile, ...(trouble && { [trouble]: newFile(trouble) }) },
    runTale: (payload: object, options?: object) => run('Tale', payload, options),
    /** The steps that ran since the last look, by name. */
    stepsSince: () => {
      const lines = linesOf(journal)
      const fresh = lines.slice(seen).map((line) => line.split(' ')[0]!)
      seen = lines.length
      return fresh.toSorted()
    },
  }
}

const untilFour = (journal: string) => expect.poll(() => linesOf(journal).some((line) => line.startsWith('four '))).toBe(true)
