import { forRegistry } from '@track-orchestrator/core'
import { createJournal } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import { defineConfig } from '../../index.ts'

// Two tracks that ask for a review: one for a text, the other, again and again, for yes or no.

const draft = z.object({ text: z.string() })
const registry = defineRegistry({ shorten: defineTask({ name: 'shorten', input: draft, output: draft }) })
const { defineTrack } = forRegistry(registry)
const letter = defineTrack({ name: 'Letter', schedule: { cron: '0 3 * * *', payload: { tenantId: 'acme', projectId: 'p1', text: 'a b' } }, tasks: [{ taskName: 'shorten' }, { approve: 'review', schema: draft, timeoutMs: 86_400_000 }] })
const refined = defineTrack({ name: 'Refined', tasks: [{ taskName: 'shorten' }, { approve: 'review', timeoutMs: 86_400_000 }] })
const again = defineTrack({ name: 'Again', tasks: [{ track: refined, id: 'refine', repeat: { until: (_output, times) => times === 2, maxTimes: 2 } }] })

export default defineConfig({
  registry,
  tracks: [letter, again],
  journal: createJournal({ folder: process.env['TRACKS_FOLDER'] ?? '.tracks' }),
  defaults: { tenantId: 'acme', projectId: 'p1' },
  handlers: { shorten: ({ text }) => ({ text: text.split(' ').slice(0, -1).join(' ') }) },
})
