import { defineTask, TerminalError, type TaskContext } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// Tasks that pay, and tracks of them, for the engine suite.

const payment = z.object({ amount: z.number(), failures: z.number().default(0) })
const done = z.object({ done: z.boolean() })
const retry = { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 }
const pays = defineTask({ name: 'suite_pays', input: payment, output: done, retry })

export const payingTasks = {
  /** Pays, and fails so often. */
  suite_pays: pays,
  /** Says beforehand what it is going to pay. */
  suite_pays_as_said: defineTask({ name: 'suite_pays_as_said', input: payment, output: done, retry, expectedCost: ({ amount }) => ({ amount, unit: 'coins' }) }),
  suite_has_others_pay: defineTask({ name: 'suite_has_others_pay', input: payment, output: done, retry }),
  suite_costs_nothing: defineTask({ name: 'suite_costs_nothing', input: z.object({}), output: done, expectedCost: 'none' }),
}

type Payment = z.output<typeof payment>

function pay({ amount, failures }: Payment, { attempt, cost }: TaskContext) {
  cost({ amount, unit: 'coins' })
  if (attempt <= failures) throw new Error('paid for nothing')
  return { done: true }
}

export const payingHandlers = {
  suite_pays: pay,
  suite_pays_as_said: pay,
  suite_has_others_pay: async (input: Payment, { attempt, runTasks }: TaskContext) => {
    await runTasks([{ task: pays, input: { amount: input.amount } }, { task: pays, input: { amount: input.amount } }])
    if (attempt <= input.failures) throw new TerminalError('they have paid for nothing')
    return { done: true }
  },
  suite_costs_nothing: () => ({ done: true }),
}

const pay1 = (id: string, amount: number, failures = 0, taskName = 'suite_pays'): TrackTaskDefinition => ({ taskName, id, inputMapper: () => ({ amount, failures }) })
const each = (id: string, amounts: readonly number[], taskName = 'suite_pays'): TrackTaskDefinition => ({ taskName, id, forEach: () => amounts.map((amount) => ({ amount })) })
const track = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks })

export const payingTracks = {
  paysEverywhere: {
    name: 'EdgePaysEverywhere',
    type: 'composite',
    tasks: [pay1('twice', 2, 1), each('each', [1, 2])],
    subTracks: [track('EdgePaysOne', pay1('pay', 1)), track('EdgePaysTwo', pay1('others', 5, 0, 'suite_has_others_pay'))],
  } as CompositeTrackDefinition,
  paysInVain: track('EdgePaysInVain', pay1('lost', 3, 9), pay1('never', 100)),
  othersPayInVain: {
    name: 'EdgeOthersPayInVain',
    type: 'composite',
    tasks: [pay1('well', 0.1)],
    subTracks: [track('EdgeTheyPay', pay1('others', 0.2, 9, 'suite_has_others_pay'))],
  } as CompositeTrackDefinition,
  paysOn: track('EdgePaysOn', pay1('a', 5), pay1('b', 5), { taskName: 'suite_costs_nothing', id: 'free', inputMapper: () => ({}) }, pay1('c', 5)),
  paysAsSaid: track('EdgePaysAsSaid', pay1('a', 5, 0, 'suite_pays_as_said'), { ...each('items', [2, 2, 2], 'suite_pays_as_said'), onItemError: 'continue' }, pay1('c', 2, 0, 'suite_pays_as_said')),
}
