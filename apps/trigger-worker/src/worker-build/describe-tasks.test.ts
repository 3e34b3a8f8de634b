import { expect, test } from 'vitest'
import { describeTasks } from './describe-tasks.ts'

test('fields are named, optional ones marked, and tasks without a schema told', () => {
  const schema = { type: 'object', properties: { url: {}, format: {} }, required: ['url'] }
  const { text, lacking } = describeTasks([{ id: 'good', payloadSchema: schema }, { id: 'bare' }, { id: 'shapeless', payloadSchema: { type: 'object' } }])
  expect(text).toMatch(/good +│ url, format\?/)
  expect(lacking).toEqual(['bare', 'shapeless'])
})
