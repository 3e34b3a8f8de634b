import { expect, test } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

const folder = ownFolder('many')
const tracks = (...args: string[]) => inPipe(folder.path(), args)

test('runs are cancelled, and gone on with, all that a filter finds: by tenant, project and name', async () => {
  const stop = new AbortController()
  const begin = (id: string, tenant: string, project: string) => inPipe(folder.path(), ['run', 'Speech', 'text=slow', 'pauseMs=60000', '--run-id', id, '--tenant', tenant, '--project', project], { signal: stop.signal })
  const going = [begin('bulk1', 'bulk', 'a'), begin('bulk2', 'bulk', 'b'), begin('bulk3', 'others', 'a')]
  await expect.poll(async () => (await tracks('runs', '--status', 'running', '--json')).json()).toHaveLength(3)
  expect(await tracks('cancel')).toMatchObject({ exitCode: 2, err: expect.stringContaining('or which of them') as string })
  expect((await tracks('cancel', '--tenant', 'bulk', '--project', 'none')).out).toBe('No such run is running.\n')
  expect((await tracks('cancel', '--tenant', 'bulk', '--project', 'b', '--json')).json()).toEqual({ cancelled: ['bulk2'] })
  expect((await tracks('cancel', '--name', 'Speech', '--tenant', 'bulk')).out).toBe('Run bulk1 is cancelled. Go on with it:  tracks resume bulk1\n')
  expect((await tracks('runs', '--status', 'running', '--json')).json()).toMatchObject([{ runId: 'bulk3' }])
  stop.abort()
  await Promise.all(going)
  expect((await tracks('resume', '--status', 'cancelled', '--tenant', 'bulk', '--plan', '--json')).json()).toMatchObject([{ name: 'Speech' }, { name: 'Speech' }])
})
