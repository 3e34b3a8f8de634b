import { randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { redact, TracksError } from '@track-orchestrator/registry'
import { printable } from '@track-orchestrator/core/console'
import { createInProcessEngine } from '@track-orchestrator/core/in-process'
import { openPart } from '../config/open-part.ts'
import { openPlanner } from '../config/open-runner.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { describeFailure } from '../failure.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Asking } from './verb.ts'

interface Checked {
  readonly what: string
  readonly ok: boolean
  readonly said: string
}

/** Looks at everything that a run needs: each is really touched. Gives the exit code. */
export async function check({ load, show }: Asking): Promise<number> {
  const loaded = await load()
  const { config, tracks, orchestrators, journal, journalFolder, path } = loaded
  const results: Checked[] = [{ what: 'configuration', ok: true, said: path }]
  const look = async (what: string, touch: () => unknown) => {
    try {
      const said = await inTime(touch)
      results.push({ what, ok: true, said: typeof said === 'string' ? said : '' })
    } catch (error) {
      results.push({ what, ok: false, said: whatToDo(error).split('\n').slice(0, 5).join(' ') })
    }
  }
  for (const definition of [...orchestrators, ...tracks]) await look(definition.name, async () => counted((await openPlanner(loaded).plan(definition)).steps.length, 'step'))
  await look('handlers', () => handlersOf(loaded))
  await look('journal', async () => {
    const damaged: string[] = []
    if (journalFolder !== undefined) await refuseUnwritable(journalFolder)
    const runs = await journal.list({}, { onDamaged: ({ runId }) => damaged.push(runId) })
    return `${counted(runs.length, 'run')}${damaged.length === 0 ? '' : `; damaged: ${damaged.join(', ')} (tracks show says how)`}`
  })
  for (const [what, touch] of Object.entries(config.checks ?? {})) await look(what, touch)
  show.value(results)
  show.table([{ head: 'What', wraps: true }, { head: 'Is', tells: true }, { head: 'Found, or what to do', wraps: true }], results.map(({ what, ok, said }) => [what, ok ? 'ok' : 'failed', printable(said)]))
  return results.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Writes a file there, and removes it; what is not there yet would be made in a folder above. Throws what to do. */
async function refuseUnwritable(folder: string): Promise<void> {
  try {
    if (existsSync(folder)) {
      const made = join(folder, `.check-${randomUUID()}`)
      await writeFile(made, '', { flag: 'wx' })
      await rm(made)
    } else {
      let above = dirname(folder)
      while (!existsSync(above)) above = dirname(above)
      await access(above, constants.W_OK)
    }
  } catch (error) {
    throw new CommandError(`${folder} cannot be written (${(error as NodeJS.ErrnoException).code}): see what it is, and whose, or name another folder as the journal of the configuration`)
  }
}

/** How long a check may take. Milliseconds. */
const patienceMs = 20_000

async function inTime(touch: () => unknown): Promise<unknown> {
  const stop = new AbortController()
  const late = delay(patienceMs, undefined, { signal: stop.signal }).then(() => {
    throw new CommandError(`no answer within ${patienceMs / 1_000} s`)
  })
  try {
    return await Promise.race([touch(), late])
  } finally {
    stop.abort()
    late.catch(() => undefined)
  }
}

/** What a check throws says what to do: nobody needs to know where it was thrown. */
const whatToDo = (error: unknown): string => (error instanceof Error && !TracksError.is(error) ? redact(error.message) : describeFailure(error).message)

/** Opens the handlers, and finds one for every task that a definition uses. */
async function handlersOf(loaded: LoadedConfig): Promise<string> {
  const { config, tracks, orchestrators } = loaded
  const handlers = await openPart(loaded, 'handlers')
  const planner = openPlanner(loaded)
  const plans = await Promise.all([...orchestrators, ...tracks].map((definition) => planner.plan(definition)))
  // Steps that wait or ask for an answer call no task.
  const names = [...new Set(plans.flatMap(({ steps }) => steps.map(({ taskName }) => taskName)))].filter((name) => Object.hasOwn(config.registry, name))
  const engine = createInProcessEngine({ handlers })
  const missing = names.filter((name) => engine.hasHandler?.(name) === false)
  if (missing.length > 0) throw new Error(`There is no handler for ${missing.join(', ')}: put one into handlers.`)
  return names.length === 1 ? 'for the one task that is used' : `for all ${names.length} tasks that are used`
}
