import { expect, test } from 'vitest'
import { verdictOf } from './answer.ts'

test.each([
  ['accepted', 201, undefined],
  ['again', 0, ''],
  ['again', 408, undefined],
  ['again', 429, undefined],
  ['again', 502, undefined],
  ['again', 521, undefined],
  ['again', 503, 'PGRST000'],
  ['again', 503, 'PGRST002'],
  ['again', 504, 'PGRST003'],
  ['again', 500, '57P01'],
  ['again', 503, '53300'],
  ['again', 503, '08006'],
  ['again', 405, '25006'],
  ['again', 500, '26000'],
  ['busy', 500, '57014'],
  ['busy', 500, '40P01'],
  ['busy', 500, '40001'],
  ['busy', 500, '55P03'],
  ['credentials', 401, 'PGRST301'],
  ['credentials', 401, undefined],
  ['forbidden', 403, '42501'],
  ['forbidden', 401, '42501'],
  ['migration', 404, '42P01'],
  ['migration', 404, 'PGRST205'],
  ['migration', 400, 'PGRST204'],
  ['migration', 406, 'PGRST106'],
  ['migration', 404, undefined],
  ['row', 400, '22P02'],
  ['row', 400, '22P05'],
  ['row', 400, '23502'],
  ['row', 409, '23503'],
  ['row', 500, '54000'],
  ['row', 413, undefined],
  ['unclear', 400, 'PGRST102'],
  ['unclear', 422, undefined],
  ['unclear', 500, 'XX000'],
  ['unclear', 500, '55000'],
  ['unclear', 500, '58030'],
  ['unclear', 500, '38000'],
  ['unclear', 500, '39000'],
  ['unclear', 400, 'P0001'],
  ['unclear', 500, 'AB123'],
])('%s: an answer of %s %s', (verdict, status, code) => {
  expect(verdictOf({ status, code })).toBe(verdict)
})

test.each([
  ['migration', '42P01', 'relation "public.track_run_events" does not exist'],
  ['migration', '42P01', 'relation "track_runs" does not exist'],
  ['unclear', '42P01', 'relation "public.webhooks" does not exist'],
  ['migration', '42703', 'column "writer" of relation "track_run_events" does not exist'],
  ['unclear', '42883', 'function net.http_post(text) does not exist'],
  ['forbidden', '42501', 'permission denied for table track_run_events'],
  ['forbidden', '42501', 'permission denied for schema public'],
  ['forbidden', '42501', 'new row violates row-level security policy for table "track_run_events"'],
  ['unclear', '42501', 'permission denied for table webhooks'],
])('%s: an answer of %s that says: %s', (verdict, code, message) => {
  expect(verdictOf({ status: 400, code, message })).toBe(verdict)
})

test('what has no answer in time may get through later, whatever was said', () => {
  expect(verdictOf({ status: 0, code: '', timedOut: true })).toBe('again')
})
