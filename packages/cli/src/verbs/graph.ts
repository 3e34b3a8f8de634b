import { toMermaid } from '@track-orchestrator/core'
import { findDefinition } from '../config/load-config.ts'
import { CommandError } from '../exit.ts'
import { pictureOf, toDot, toSvg } from '../show/picture.ts'
import type { Asking } from './verb.ts'

const formats = ['mermaid', 'dot', 'svg'] as const

/** The picture of a track or an orchestrator. */
export async function graph({ load, show }: Asking, name: string, { format = 'mermaid' }: { readonly format?: string }): Promise<void> {
  if (!(formats as readonly string[]).includes(format)) throw new CommandError(`--format is one of ${formats.join(', ')} (got ${JSON.stringify(format)}).`)
  const runnable = findDefinition(await load(), name)
  if (runnable.kind === 'task') throw new CommandError(`${name} is a single task: there is nothing to draw.`)
  const { definition } = runnable
  const picture = format === 'mermaid' ? toMermaid(definition) : format === 'dot' ? toDot(pictureOf(definition)) : toSvg(pictureOf(definition))
  if (show.isJson) show.value({ name, format, picture })
  else show.code(picture, format)
}
