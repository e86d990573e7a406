// The three extracts. They depend on nothing, so they run at the same time.
import { PermanentError, StepHandler, type HandledTask, type Json } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { orderRecords, productRecords, userRecords, type DateRange } from '../shapes.ts'
import { askSystem, type Asking } from './ask-system.ts'

/** What the three have in common: where to ask, and whom to tell. */
abstract class Extract extends StepHandler {
  static override customEventConfiguration() {
    const description = 'Records were read from a system'
    return [{ name: 'pipeline.extraction_completed', description }]
  }

  protected async read<Schema extends z.ZodType>(
    schema: Schema,
    asking: Asking,
    query: Readonly<Record<string, string>> = {},
  ): Promise<z.output<Schema>> {
    const url = z.string().parse(this.config?.['url'])
    const response = await askSystem(asking, () => this.execution.http.get(url, { query }))
    return readAnswer(schema, response)
  }

  protected extracted(task: HandledTask, key: string, records: Json[]) {
    const date_range = task.context['date_range'] ?? null
    const records_extracted = records.length
    this.publishCustomEvent('pipeline.extraction_completed', {
      step_name: this.execution.stepName,
      task_id: task.taskId,
      records_extracted,
      date_range,
    })
    return {
      [key]: records,
      extraction_metadata: { records_extracted, date_range },
      extracted_at: new Date().toISOString(),
    }
  }
}

export class ExtractOrders extends Extract {
  override async process(task: HandledTask) {
    const { start_date, end_date } = periodOf(task)
    const asking = { what: 'Data warehouse extraction', refusedAs: 'WAREHOUSE_AUTH_FAILED' }
    const query = { from: start_date, to: end_date }
    const { orders } = await this.read(z.object({ orders: orderRecords }), asking, query)
    return this.extracted(task, 'orders_data', orders)
  }
}

export class ExtractUsers extends Extract {
  override async process(task: HandledTask) {
    const asking = { what: 'CRM extraction', refusedAs: 'CRM_AUTH_FAILED' }
    const { users } = await this.read(z.object({ users: userRecords }), asking)
    return this.extracted(task, 'users_data', users)
  }
}

export class ExtractProducts extends Extract {
  override async process(task: HandledTask) {
    const asking = { what: 'Product extraction', refusedAs: 'INVENTORY_AUTH_FAILED' }
    const { products } = await this.read(z.object({ products: productRecords }), asking)
    return this.extracted(task, 'products_data', products)
  }
}

/** That there are two dates the schema has checked; that they are days of the calendar, and in order, it cannot. */
function periodOf({ context }: HandledTask): DateRange {
  const [start_date, end_date] = z
    .object({ start_date: z.string(), end_date: z.string() })
    .transform((range) => [range.start_date, range.end_date] as const)
    .parse(context['date_range'])
  for (const date of [start_date, end_date]) {
    if (z.iso.date().safeParse(date).success) continue
    throw new PermanentError(`"${date}" is no date.`, { code: 'INVALID_DATE_FORMAT' })
  }
  if (start_date <= end_date) return { start_date, end_date }
  throw new PermanentError(`The period ends (${end_date}) before it starts (${start_date}).`, {
    code: 'INVALID_DATE_RANGE',
  })
}
