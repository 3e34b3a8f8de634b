import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tagOf } from './tags.ts'

const longIds = fc.array(fc.constantFrom('a', 'é', '🎬'), { minLength: 100, maxLength: 128 }).map((letters) => letters.join(''))

test('a tag names its tenant, and no two tenants have one tag, however long their ids are', () => {
  expect(tagOf('tenant', 'acme')).toBe('tenant:acme')
  expect(tagOf('project', 'p'.repeat(120))).toBe(`project:${'p'.repeat(120)}`)
  fc.assert(
    fc.property(longIds, longIds, (one, other) => {
      const [tag, others] = [tagOf('tenant', one), tagOf('tenant', other)]
      expect(tag === others).toBe(one === other)
      expect(tag.length).toBeLessThanOrEqual(128)
      expect(Buffer.from(tag).toString()).toBe(tag)
    }),
  )
  const [one, other] = ['1', '2'].map((end) => tagOf('tenant', 't'.repeat(127) + end)) as [string, string]
  expect(one).not.toBe(other)
})
