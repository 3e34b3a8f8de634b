import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTriggerDevServer, type TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { platformRows, platformSuite } from './platform-suite.ts'

let server: TriggerDevServer
beforeAll(async () => {
  // Slowly enough that the runs of a batch are seen to come one by one.
  server = await startTriggerDevServer({ batchItemMs: 40, log: (line) => console.error(line) })
})
afterAll(() => server.close())

platformSuite('the local server', async () => server)

const { TRIGGER_API_URL: url, TRIGGER_SECRET_KEY: secretKey, TRIGGER_PROJECT_REF: projectRef } = process.env
if (url !== undefined && secretKey !== undefined && projectRef !== undefined) platformSuite(`the server at ${url}`, async () => ({ url, secretKey, projectRef }))
else describe('a real server', () => test.skip('is not checked: TRIGGER_API_URL, TRIGGER_SECRET_KEY (tr_dev_…) and TRIGGER_PROJECT_REF name a development environment that may be used', () => {}))

describe('the table of the README', () => {
  const lines = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('## As hard as the real server')[1]!.split('\n').filter((line) => line.startsWith('| ')).slice(2)
  const cells = lines.map((line) => line.slice(2, -2).split(' | '))
  const files = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })

  test('has every behaviour that is checked on any server', () => {
    expect(platformRows.map(({ behaviour }) => behaviour).filter((behaviour) => !cells.some(([told, , by]) => told === behaviour && by === 'platform suite'))).toEqual([])
  })

  test('names for each behaviour how it is known, and a test that is there', () => {
    const rows = new Set(platformRows.map(({ behaviour }) => behaviour))
    for (const [told, known, by] of cells) {
      expect(known, told).toMatch(/^(seen on 4\.5\.12|read in its source|seen on 4\.5\.12, and read|from its documentation)(,.*)?$/)
      if (by === 'platform suite') expect(rows.has(told!), told).toBe(true)
      else for (const [, name] of by!.matchAll(/`([^`]+)`/g)) expect(files.some((file) => file.endsWith(`/${name}`)), `${told}: ${name}`).toBe(true)
    }
    expect(cells.length).toBeGreaterThan(20)
  })
})
