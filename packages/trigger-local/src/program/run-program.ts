import { callServer } from '../client/call-server.ts'
import { connectTriggerLocal } from '../client/trigger-local-client.ts'
import { printable, type Program, UsageError } from './program.ts'
import { readRunArguments } from './run-arguments.ts'
import { findSession } from './session-file.ts'

/** Exit code of a run that ended otherwise than well. */
const failed = 1

/** `trigger-local run`: triggers a task in the trigger-local that runs over this folder. Returns the exit code. */
export async function runTask({ arguments: given, folder, stdout, stderr }: Program): Promise<number> {
  const { task, payload, waits, timeoutMs } = readRunArguments(given)
  const session = await findSession(folder)
  if (!session) throw new UsageError(`No trigger-local runs over ${folder}. Start it in another terminal: npx trigger-local`)
  const { version, tasks } = await callServer<{ version?: string; tasks: string[] }>(session, 'GET', '/local/v1/state')
  if (version === undefined) throw new UsageError('trigger dev has not registered the tasks yet: try again in a moment.')
  if (!tasks.includes(task)) throw new UsageError(`There is no task ${JSON.stringify(task)}. The project has ${tasks.map((id) => printable(id)).join(', ')}.`)

  const local = connectTriggerLocal(session)
  const { id } = await local.trigger(task, payload)
  if (!waits) {
    stdout.write(`${id}\n`)
    return 0
  }
  stderr.write(`${id}\n`)
  const { status, output, error, isSuccess } = await local.runs.wait(id, timeoutMs)
  if (isSuccess) {
    stdout.write(`${printable(JSON.stringify(output, undefined, 2) ?? '')}\n`)
    return 0
  }
  stderr.write(`${printable(`${task} is ${status}${error ? `: ${error.name ?? 'Error'}: ${error.message}` : ''}`)}\n`)
  return failed
}

/** `trigger-local advance <duration>`: moves time on in the trigger-local that runs. */
export async function advanceTime({ arguments: given, folder, stdout }: Program): Promise<number> {
  const [duration, ...more] = given
  if (duration === undefined || more.length > 0) throw new UsageError('By how much? trigger-local advance 30d')
  const session = await findSession(folder)
  if (!session) throw new UsageError(`No trigger-local runs over ${folder}. Start it in another terminal: npx trigger-local`)
  await connectTriggerLocal(session).advance(duration)
  stdout.write(`What waits for a date is ${printable(duration)} nearer.\n`)
  return 0
}
