import { CommandError, exitCodes } from '../exit.ts'
import { TracksError } from '@track-orchestrator/registry'
import type { TracksConfig } from './define-config.ts'
import { notLoaded, type LoadedConfig } from './load-config.ts'

type Part = 'handlers' | 'logs' | 'history' | 'trigger' | 'keepers'
type Opened<Given> = Given extends () => infer Value ? Awaited<Value> : Given

/** What of the configuration is opened only by a command that needs it. Throws `CommandError` where the configuration's own function does. */
export async function openPart<Name extends Part>({ config, path }: LoadedConfig, name: Name): Promise<Opened<TracksConfig[Name]>> {
  const given: unknown = config[name]
  const opened = await opening(given, (error) => {
    // It says what to set.
    throw TracksError.is(error) && error.code.startsWith('client/') ? error : notLoaded(path, error, name)
  })
  if (name === 'handlers' && opened === undefined) throw new CommandError(`${path}: its function handlers gives nothing. Have it return them.`, exitCodes.config)
  return opened as Opened<TracksConfig[Name]>
}

async function opening(given: unknown, onThrown: (error: unknown) => never): Promise<unknown> {
  try {
    return typeof given === 'function' ? await (given as () => unknown)() : given
  } catch (error) {
    return onThrown(error)
  }
}
