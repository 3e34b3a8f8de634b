import fc from 'fast-check'
import { isSafeId } from '@track-orchestrator/registry'
import { describe, expect, test } from 'vitest'
import { checkTenant } from './check-tenant.ts'
import { keyPart, runPrefix, storageKey, tenantPrefix } from './storage-key.ts'

/** As the least careful file systems compare names: APFS and NTFS ignore case, HFS+ how letters are composed and what cannot be seen, Windows the end. */
const asFileSystemsCompare = (name: string) => name.normalize('NFKD').replace(/\p{Cf}+/gu, '').toLowerCase().toUpperCase().toLowerCase().replace(/[. ]+$/, '')
const context = (tenantId: string, projectId = 'p', runId = 'r', taskName = 'a_task') => ({ tenantId, projectId, run: { id: runId }, taskName })

const id = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 140 }) },
    fc.string({ unit: fc.constantFrom('a', 'A', 'é', 'e\u0301', 'ß', 's', 'ſ', '.', ' ', '!', '~', ':', '-', '0', '1', '\u200d', 'İ', 'ı', 'ﬁ'), minLength: 1, maxLength: 6 }),
    fc.constantFrom('CON', 'con', 'aux.txt', 'AUX.TXT', 'nul', 'com1', 'LPT9.a', 'COM²', 'Acme', 'acme', 'ACME', '京'.repeat(128), '🎬'.repeat(64)),
  )
  .filter(isSafeId)
const plainId = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,120}[a-z0-9]$/).filter((text) => !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text))

describe('A part of a storage key', () => {
  test('is the id itself where that is plain: what was stored before stays where it is', () => {
    fc.assert(
      fc.property(plainId, (text) => {
        expect(keyPart(text)).toBe(text)
      }),
    )
    for (const text of ['tenant-1', 'run_m3x9k2', '019abc12-7d1e-7e0a-8d4f-2b1a', 'v1.2', '_a_', 'film.mp4', 'a']) expect(keyPart(text)).toBe(text)
  })

  test('can be had on every file system: no device of Windows, no sign that it refuses, nothing dropped from the end, at most 128 bytes', () => {
    fc.assert(
      fc.property(id, (text) => {
        const part = keyPart(text)
        expect(part).toMatch(/^[a-z\d_!-](?:[a-z\d._!-]*[a-z\d_!-])?$/)
        expect(part.split('.')[0]).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)$/)
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(128)
        expect(encodeURIComponent(part)).toBe(part)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is the same for the same id, and for no other, however names are compared', () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        expect(keyPart(one)).toBe(keyPart(one))
        expect(asFileSystemsCompare(keyPart(one)) === asFileSystemsCompare(keyPart(other))).toBe(one === other)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['Acme', 'acme'],
    ['é', 'e\u0301'],
    ['straße', 'strasse'],
    ['a', 'a.'],
    ['aux', 'aux.txt'],
    ['x:y', 'x'],
    ['🎬'.repeat(60), '🎬'.repeat(61)],
    ['Acme', keyPart('Acme')],
    ['co n', 'co-n'],
    ['film.MP4', 'film.mp4'],
    ['a\u200db', 'ab'],
  ])('keeps %j and %j apart', (one, other) => {
    expect(asFileSystemsCompare(keyPart(one))).not.toBe(asFileSystemsCompare(keyPart(other)))
  })

  test('shows what can be read of the id, and the ending of a file', () => {
    expect(keyPart('Acme Résumé, Inc')).toMatch(/^acme-resume-inc![\da-f]{32}$/)
    expect(keyPart('Final Cut.MP4')).toMatch(/^final-cut![\da-f]{32}\.mp4$/)
    expect(keyPart('東京.mp4')).toMatch(/^![\da-f]{32}\.mp4$/)
  })
})

test('Whatever their ids are, no two tenants, projects or runs have a folder in common', () => {
  fc.assert(
    fc.property(fc.tuple(id, id, id), fc.tuple(id, id, id), ([tenantId, projectId, runId], [otherTenant, otherProject, otherRun]) => {
      const [prefix, other] = [runPrefix({ tenantId, projectId, runId }), runPrefix({ tenantId: otherTenant, projectId: otherProject, runId: otherRun })]
      const same = tenantId === otherTenant && projectId === otherProject && runId === otherRun
      const [one, two] = [prefix, other].map((key) => key.split('/').map(asFileSystemsCompare).join('/'))
      expect(one === two).toBe(same)
      expect(storageKey(context(tenantId, projectId, runId), 'a.mp4').startsWith(prefix)).toBe(true)
      expect(prefix.startsWith(tenantPrefix(tenantId))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('A key of plain ids is what can be read', () => {
  expect(storageKey(context('acme', 'p-1', 'run_1'), 'film.mp4')).toBe('tenants/acme/projects/p-1/runs/run_1/a_task/film.mp4')
})

test.each(['', '.', '..', 'a/b', 'a\\b', 'a..b', 'a\n', ' a', 'a\u0000', '\ud800', 'x'.repeat(129)])('An id such as %j gets no key', (tenantId) => {
  expect(() => storageKey(context(tenantId), 'a.mp4')).toThrow(expect.objectContaining({ code: 'media/url_refused', retryable: false }))
  expect(() => tenantPrefix(tenantId)).toThrow(expect.objectContaining({ code: 'media/url_refused' }))
})

describe('A tenant', () => {
  const open = (tenantId: string, key: string) => checkTenant({ keyOf: () => key }, 'file:///x', tenantId)

  test('opens what lies in its own folder, and no other tenant does', () => {
    fc.assert(
      fc.property(id, id, (owner, other) => {
        const key = storageKey(context(owner), 'a.mp4')
        open(owner, key)
        if (other !== owner) expect(() => open(other, key)).toThrow('another tenant')
      }),
      { numRuns: 500 },
    )
  })

  test.each(['Tenants/acme/x', 'TENANTS/acme/x', 'tenants./acme/x', 'tenants /acme/x', 'tenant\u017f/acme/x', 'ten\u200dants/acme/x', 'tenants::$INDEX_ALLOCATION/acme/x', 'ｔenants/acme/x'])(
    'does not get into a folder of tenants by writing %j',
    (key) => {
      expect(() => open('acme', key)).toThrow('another tenant')
    },
  )

  test.each(['tenants.txt', 'Tenants.txt', 'uploads/a.webm', 'tenantship/a'])('opens %j, which belongs to no tenant', (key) => {
    open('acme', key)
  })
})
