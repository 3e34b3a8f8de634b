import { defineRegistry, defineTask, mergeRegistries, type Registry } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from './for-registry.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

// Contracts of every kind that zod has, and the ways in which definitions are put together.

const shape = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), a: z.string() }), z.object({ kind: z.literal('b'), b: z.number() })])
const iso = z.codec(z.iso.datetime(), z.string(), { decode: (s) => s, encode: (s) => s })
const tasks = defineRegistry({
  union: defineTask({ name: 'union', input: z.union([z.object({ x: z.string() }), z.object({ y: z.number() })]), output: shape }),
  disc: defineTask({ name: 'disc', input: shape, output: z.record(z.string(), z.number()) }),
  rec: defineTask({ name: 'rec', input: z.record(z.string(), z.number()), output: z.intersection(z.object({ p: z.string() }), z.object({ q: z.number().optional() })) }),
  inter: defineTask({ name: 'inter', input: z.object({ p: z.string() }).and(z.object({ q: z.number().optional() })), output: z.tuple([z.string(), z.number()]) }),
  tup: defineTask({ name: 'tup', input: z.tuple([z.string(), z.number()]), output: z.array(z.string()).readonly() }),
  ro: defineTask({ name: 'ro', input: z.array(z.string()).readonly(), output: z.object({ at: iso, n: z.number().default(3), c: z.string().catch('') }) }),
  pipe: defineTask({ name: 'pipe', input: z.object({ at: z.string().transform((s) => s.length).pipe(z.number()), n: z.number() }), output: z.any() }),
  anything: defineTask({ name: 'anything', input: z.any(), output: z.unknown() }),
  unknown: defineTask({ name: 'unknown', input: z.unknown(), output: z.string() }),
  text: defineTask({ name: 'text', input: z.string(), output: z.object({ list: z.array(z.string()).readonly(), maybe: z.array(z.string()).optional() }) }),
  each: defineTask({ name: 'each', input: z.string(), output: z.void() }),
  loose: defineTask({ name: 'loose', input: z.looseObject({ a: z.string() }), output: z.literal(['x', 'y']) }),
  opt: defineTask({ name: 'opt', input: z.object({ 'a-b': z.string().optional(), nested: z.object({ deep: z.string().optional() }).optional() }), output: z.object({ ok: z.boolean() }) }),
  lazy: defineTask({ name: 'lazy', input: z.object({ get children() {
        return z.array(z.object({ v: z.string() }))
      },
     }), output: z.json() }),
})
const { defineTrack } = forRegistry(tasks)

test('outputs of any kind go into inputs of that kind', () => {
  const all = defineTrack({
    name: 'All',
    tasks: [
      { taskName: 'union' },
      { taskName: 'disc' },
      { taskName: 'rec' },
      { taskName: 'inter' },
      { taskName: 'tup' },
      { taskName: 'ro' },
      { taskName: 'pipe' },
      { taskName: 'anything' },
      { taskName: 'unknown' },
      { taskName: 'text' },
      { taskName: 'each', forEach: 'list' },
    ],
  })
  expectTypeOf<TrackInputOf<typeof all>>().toEqualTypeOf<{ x: string } | { y: number }>()
  expectTypeOf<TrackOutputOf<typeof all>>().toEqualTypeOf<void[]>()
})

test('mappers read and make values of any kind', () => {
  defineTrack({
    name: 'Mapped',
    tasks: [
      { taskName: 'union', inputMapper: (prev) => ('x' in prev ? { x: prev.x } : { y: prev.y }) },
      { taskName: 'disc', inputMapper: (prev) => (prev.kind === 'a' ? { kind: 'b', b: 1 } : prev) },
      { taskName: 'rec', inputMapper: (prev) => ({ ...prev, extra: 1 }) },
      { taskName: 'opt', inputMapper: (prev) => ({ 'a-b': prev.p }) },
      { taskName: 'anything', inputMapper: (prev) => ({ whatever: prev.ok, list: [1] }) },
      { taskName: 'unknown', inputMapper: (prev) => prev },
      { taskName: 'loose', inputMapper: (prev) => ({ a: prev, b: 1 }) },
      { taskName: 'lazy', inputMapper: (prev) => ({ children: [{ v: prev }] }) },
      { taskName: 'text', inputMapper: (prev) => JSON.stringify(prev) },
      { taskName: 'each', forEach: (prev) => prev.maybe ?? [] },
    ],
  })
  // @ts-expect-error misspelt: `a-b`
  defineTrack({ name: 'x', tasks: [{ taskName: 'opt', inputMapper: () => ({ ab: '' }) }] })
})

const steps = [{ taskName: 'opt' }, { taskName: 'anything' }] as const
const step = { taskName: 'opt' } satisfies { taskName: 'opt' }
const mapper = (prev: { ok: boolean }) => ({ 'a-b': String(prev.ok) })

test('steps, lists and mappers may stand outside', () => {
  defineTrack({ name: 'List', tasks: steps })
  defineTrack({ name: 'Step', tasks: [step, { taskName: 'anything' }] })
  defineTrack({ name: 'Mapper', tasks: [step, { taskName: 'opt', id: 'again', inputMapper: mapper }] })
})

const withMore = <R extends Registry>(registry: R) => forRegistry(mergeRegistries(tasks, registry))

test('a function may add tasks of any registry', () => {
  const more = withMore(defineRegistry({ extra: defineTask({ name: 'extra', input: z.object({ ok: z.boolean() }), output: z.object({ done: z.boolean() }) }) }))
  const track = more.defineTrack({ name: 'Merged', tasks: [{ taskName: 'opt' }, { taskName: 'extra' }] })
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ done: boolean }>()
  // @ts-expect-error there is no such task in either
  more.defineTrack({ name: 'x', tasks: [{ taskName: 'opts' }] })
})
