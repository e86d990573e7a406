// The three extracts. They depend on nothing, so they run at the same time.
import { setTimeout as elapse } from 'node:timers/promises'
import { PermanentError, StepHandler, type HandledTask } from '@tasker/engine'
import { z } from 'zod'
import { orders, products, users } from './warehouse.ts'

const period = z.object({ start_date: z.iso.date(), end_date: z.iso.date() })

export class ExtractOrders extends StepHandler {
  override async process({ context }: HandledTask) {
    const { start_date, end_date } = period.parse(context['date_range'])
    if (start_date > end_date) {
      throw new PermanentError(`The period ends (${end_date}) before it starts (${start_date}).`, {
        code: 'INVALID_DATE_RANGE',
      })
    }
    await elapse(250, undefined, { signal: this.execution.signal })
    const found = orders.filter(({ date }) => date >= start_date && date <= end_date)
    return { orders_data: found, records_extracted: found.length }
  }
}

export class ExtractUsers extends StepHandler {
  override async process() {
    await elapse(200, undefined, { signal: this.execution.signal })
    return { users_data: users, records_extracted: users.length }
  }
}

export class ExtractProducts extends StepHandler {
  override async process() {
    await elapse(150, undefined, { signal: this.execution.signal })
    return { products_data: products, records_extracted: products.length }
  }
}
