import { createJournal } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import { defineConfig } from '../../index.ts'
import { oddNames } from './odd-names.ts'

const note = z.looseObject({ text: z.string().optional() })
const registry = defineRegistry({ note: defineTask({ name: 'note', input: note, output: note }), constructor: defineTask({ name: 'constructor', input: z.object({ text: z.string(), list: z.array(z.string()).default([]) }), output: note }) })
const trackOf = (name: string) => ({ name, tasks: [{ taskName: name === 'constructor' ? name : 'note', id: name }] })

export default defineConfig({
  registry,
  tracks: oddNames.map(trackOf),
  orchestrators: [{ name: 'Odd', tracks: oddNames.map(trackOf), trackDependencies: Object.fromEntries(oddNames.slice(1).map((name, index) => [name, [oddNames[index]!]])), trackInputMappings: Object.fromEntries(oddNames.map((name) => [name, () => ({ text: name })])) }],
  journal: createJournal({ folder: process.env['TRACKS_FOLDER'] ?? '.tracks' }),
  defaults: { tenantId: 'acme', projectId: 'p1' },
  handlers: (() => ({ note: (input: object) => input, ...(process.env['TRACKS_NO_HANDLER'] === undefined && { constructor: (input: object) => input }) })) as never,
})
