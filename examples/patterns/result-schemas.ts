// Result schemas: what a step returns is checked before it is stored. What the schema gives back is what is stored and what
// the next steps read, typed; a result that does not match fails the step for good, and no value of it is shown.
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

const inspection = z.object({
  status: z.enum(['success', 'partial', 'warning']),
  rows: z.number().int(),
  notes: z.array(z.string()).default([]),
})

/** `read` stands for a system whose answers no compiler has seen. */
export const inspectionOf = (read: () => unknown) =>
  defineTask({ namespace: 'patterns', name: 'inspection' })
    .step('inspect', { result: inspection }, async () => read() as z.input<typeof inspection>)
    .step(
      'report',
      {
        dependsOn: ['inspect'],
        // Where there is no Standard Schema at hand, a JSON Schema does.
        result: { type: 'object', properties: { text: { type: 'string', maxLength: 80 } } },
      },
      async ({ results }) => ({
        text: `${results.inspect.status}: ${results.inspect.rows} rows, ${results.inspect.notes.length} notes`,
      }),
    )

let answer: unknown = null
const inspected = inspectionOf(() => answer)

await runAlone(import.meta, { definitions: [inspected] }, async (tasker) => {
  for (answer of [
    { status: 'success', rows: 3 },
    { status: 'fine', rows: '3' },
  ]) {
    const { taskId } = await tasker.tasks.create(inspected, { context: {} })
    const { state, results, steps } = await tasker.tasks.waitFor(taskId, { of: inspected })
    const [inspect] = steps
    console.log(state, results.report?.text ?? inspect?.error?.['code'], inspect?.attempts)
    if (state === 'error') console.log(inspect?.error?.['message'])
  }
  // prints: complete success: 3 rows, 0 notes 1
  // prints: error RESULT_INVALID 1
  // prints: The result of step "inspect" does not match its schema, 2 faults:
  // prints:   - result/status: Invalid option: expected one of "success"|"partial"|"warning"
  // prints:   - result/rows: Invalid input: expected number, received string
  // prints: Correct the handler, or the `result` schema of the step; nothing was stored, and what the handler did is done.
})
