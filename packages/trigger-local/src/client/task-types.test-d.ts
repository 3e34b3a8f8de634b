import { task } from '@trigger.dev/sdk'
import { expectTypeOf, test } from 'vitest'
import { connectTriggerLocal, type EndedRun } from './trigger-local-client.ts'

const hello = task({ id: 'hello', run: async ({ name }: { name: string }) => ({ message: `Hello, ${name}` }) })
const local = connectTriggerLocal({ url: 'http://127.0.0.1:1', secretKey: 'key' })

test('a task’s type says what it is called, takes and gives', () => {
  expectTypeOf(local.triggerAndWait<typeof hello>('hello', { name: 'you' })).resolves.toEqualTypeOf<EndedRun<{ message: string }>>()
  expectTypeOf(local.triggerAndWait('any', { anything: 1 })).resolves.toEqualTypeOf<EndedRun>()
  // @ts-expect-error a task of another name
  void local.trigger<typeof hello>('bye', { name: 'you' })
  // @ts-expect-error a payload that the task does not take
  void local.trigger<typeof hello>('hello', { name: 1 })
})
