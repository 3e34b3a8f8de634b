import { forRegistry, toMermaid } from '@track-orchestrator/core'
import { createConsoleLog } from '@track-orchestrator/core/console'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { z } from 'zod'

// An order is checked and priced at the same time; both must be done before it is booked. Mail that fails is no reason to stop.
const order = z.object({ item: z.string(), count: z.number() })
const tasks = defineRegistry({
  check_stock: defineTask({ name: 'check_stock', input: order, output: z.object({ place: z.string() }) }),
  find_price: defineTask({ name: 'find_price', input: order, output: z.object({ cents: z.number() }) }),
  book_order: defineTask({ name: 'book_order', input: z.object({ place: z.string(), cents: z.number() }), output: z.object({ bookingId: z.string() }) }),
  send_mail: defineTask({ name: 'send_mail', input: z.object({ bookingId: z.string() }), output: z.object({ sent: z.boolean() }) }),
})
const { defineTrack, defineOrchestrator } = forRegistry(tasks)

const stockTrack = defineTrack({ name: 'StockTrack', tasks: [{ taskName: 'check_stock' }] })
const priceTrack = defineTrack({ name: 'PriceTrack', tasks: [{ taskName: 'find_price' }] })
const bookingTrack = defineTrack({
  name: 'BookingTrack',
  tasks: [{ taskName: 'book_order', id: 'booking' }, { taskName: 'send_mail', onError: { fallback: { sent: false } } }],
})
const orderIntake = defineOrchestrator({
  name: 'OrderIntake',
  input: order,
  tracks: [stockTrack, priceTrack, bookingTrack],
  trackDependencies: { BookingTrack: ['StockTrack', 'PriceTrack'] },
  trackInputMappings: { BookingTrack: ({ StockTrack, PriceTrack }, { count }) => ({ place: StockTrack.place, cents: PriceTrack.cents * count }) },
})

console.log(toMermaid(orderIntake))

const runner = createRunner({
  registry: tasks,
  logs: [createConsoleLog({ mode: 'lines' })],
  handlers: {
    check_stock: () => ({ place: 'shelf 7' }),
    find_price: () => ({ cents: 250 }),
    book_order: ({ place, cents }) => ({ bookingId: `${place}, ${cents} cents` }),
    send_mail: () => {
      throw new TerminalError('no mail server in an example')
    },
  },
})
const result = await runner.settleOrchestrator(orderIntake, { tenantId: 'tenant123', projectId: 'project456', item: 'chair', count: 4 })
console.log(result.status, result.status === 'succeeded' ? result.output.BookingTrack : result.error.message)
