import { expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'

test.each([
  ['accepted', 201, undefined],
  ['again', 0, ''],
  ['again', 408, undefined],
  ['again', 429, undefined],
  ['again', 500, 'XX000'],
  ['again', 502, undefined],
  ['again', 503, 'PGRST000'],
  ['again', 503, 'PGRST002'],
  ['again', 504, 'PGRST003'],
  ['again', 500, '57014'],
  ['again', 500, '40P01'],
  ['credentials', 401, 'PGRST301'],
  ['credentials', 401, undefined],
  ['forbidden', 403, '42501'],
  ['forbidden', 401, '42501'],
  ['migration', 404, '42P01'],
  ['migration', 404, 'PGRST205'],
  ['migration', 400, 'PGRST204'],
  ['migration', 404, undefined],
  ['row', 400, '22P02'],
  ['row', 400, '22P05'],
  ['row', 400, '23502'],
  ['row', 409, '23503'],
  ['row', 500, '54000'],
  ['row', 413, undefined],
  ['unclear', 400, 'PGRST102'],
  ['unclear', 422, undefined],
])('%s: an answer of %s %s', (verdict, status, code) => {
  expect(verdictOf({ status, code })).toBe(verdict)
})
