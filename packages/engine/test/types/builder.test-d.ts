// Compile-time tests of the builder: each `@ts-expect-error` is a mistake that must not compile, and each line without
// one is a use that must. Checked by the type check; never run.
import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import type {
  ContextInputOf,
  ContextOf,
  ResultsOf,
  TypedStepExecution,
} from '../../src/definitions/builder-types.ts'
import type { DefinitionSource } from '../../src/definitions/build-definition.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import type { DatabaseClient } from '../../src/definitions/host-transaction.ts'
import { StepHandler, type TaskView } from '../../src/definitions/step-handler.ts'
import type { Json, JsonObject } from '../../src/json.ts'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <Statement extends true>(statement?: Statement): void => void statement

interface Order {
  readonly total: number
  readonly note?: string
}
interface Tree {
  readonly size: number
  readonly children: readonly Tree[]
}
declare const load: (id: number) => Promise<Order>
declare const tree: Tree
declare const untyped: Promise<unknown>

const context = z.object({ orderId: z.number().int(), express: z.boolean().default(false) })

const base = defineTask({ namespace: 'payments', name: 'process_order', version: '2.1.0', context })
  .step('fetch_order', async ({ context, signal }) => {
    holds<Equal<typeof signal, AbortSignal>>()
    return load(context.orderId)
  })
  .step('charge', { dependsOn: ['fetch_order'], retry: { limit: 3 } }, async ({ results }) => ({
    amount: results.fetch_order.total,
    currency: 'EUR',
  }))
  .step('approve', { dependsOn: ['charge'] }, async ({ results, waitUntil }) =>
    results.charge.amount > 100 ? waitUntil(new Date(0), 'approval') : { approved: true },
  )
  .step('log', { dependsOn: ['approve'] }, async () => {})
  .step('grow', async () => tree)
  .step('guess', async () => untyped)
  .step('count', () => 3)

base.step('reads_parents', { dependsOn: ['charge', 'approve', 'log', 'guess'] }, async (given) => {
  holds<Equal<typeof given.results.charge, { amount: number; currency: string }>>()
  holds<Equal<typeof given.results.approve, { approved: boolean }>>() // waiting is no result
  holds<Equal<typeof given.results.log, null>>() // nothing is stored as null
  holds<Equal<typeof given.results.guess, Json>>()
  holds<Equal<typeof given.tx, null>>()
  holds<Equal<typeof given.inputs, null>>()
  return null
})

// Dependencies.
// @ts-expect-error unknown step
base.step('x', { dependsOn: ['chrage'] }, async () => 1)
defineTask({ name: 'x' })
  // @ts-expect-error a step that is declared later
  .step('a', { dependsOn: ['b'] }, async () => 1)
  .step('b', async () => 2)
// @ts-expect-error itself
defineTask({ name: 'x' }).step('a', { dependsOn: ['a'] }, async () => 1)
// @ts-expect-error a name that is taken
base.step('charge', async () => 1)

// Results.
// @ts-expect-error results of a step that is not a parent
base.step('x', { dependsOn: ['charge'] }, async ({ results }) => results.fetch_order)
// @ts-expect-error no parents, no results
base.step('x', async ({ results }) => results.charge)
// @ts-expect-error a field that the parent does not return
base.step('x', { dependsOn: ['charge'] }, async ({ results }) => results.charge.total)
base.step('x', { dependsOn: ['charge'] }, async ({ results }) => {
  // @ts-expect-error a number is not a string
  const amount: string = results.charge.amount
  return amount
})

const ship = async ({ results }: { results: { charge: { amount: number } } }) =>
  results.charge.amount
base.step('x', { dependsOn: ['charge'] }, ship)
// @ts-expect-error the handler reads a parent that the step does not name
base.step('x', { dependsOn: ['count'] }, ship)

// Context.
// @ts-expect-error a field that the context does not have
base.step('x', async ({ context }) => context.customerId)
base.step('x', async ({ context }) => context.express satisfies boolean)

// What can be stored.
// @ts-expect-error a Map
base.step('x', async () => new Map<string, string>())
// @ts-expect-error a Date
base.step('x', async () => ({ at: new Date(0) }))
// @ts-expect-error a function
base.step('x', async () => ({ next: () => 1 }))
// @ts-expect-error a bigint
base.step('x', async () => 10n)
// @ts-expect-error deep inside
base.step('x', async () => ({ list: [{ ids: new Set<number>() }] }))
// @ts-expect-error a Date in the context is not stored as one
defineTask({ name: 'x', context: z.object({ at: z.date() }) })
// @ts-expect-error neither a Standard Schema nor a JSON Schema
defineTask({ name: 'x', context: 7 })

// Transactions.
base.step('x', { transaction: true, timeoutMs: 1_000 }, async ({ tx }) => {
  holds<Equal<typeof tx, DatabaseClient>>()
  await tx.query('select 1')
})

// A schema of the result.
const receipt = z.object({ id: z.string(), copies: z.number().default(1) })
const printed = base.step('print', { result: receipt }, async () => ({ id: 'r1' }))
printed.step('x', { dependsOn: ['print'] }, async ({ results }) => {
  holds<Equal<typeof results.print, { id: string; copies: number }>>()
})
// @ts-expect-error a wrong result type
base.step('print', { result: receipt }, async () => ({ id: 1 }))

// A JSON Schema of the result leaves its type as the handler has it.
base
  .step('print', { result: { type: 'object', required: ['id'] } }, async () => ({ id: 'r1' }))
  .step('x', { dependsOn: ['print'] }, async ({ results }) => {
    holds<Equal<typeof results.print, { id: string }>>()
  })

// What a cached result depends on.
printed.step(
  'x',
  {
    dependsOn: ['print'],
    cache: {
      key: ({ context, results }) => {
        holds<Equal<typeof results.print.copies, number>>()
        return [results.print.id, context.orderId]
      },
      ttlMs: 1_000,
    },
  },
  async () => 1,
)
// @ts-expect-error no parent of the step
printed.step('x', { cache: { key: ({ results }) => results.print.id } }, async () => 1)

// Options.
// @ts-expect-error an unknown option
base.step('x', { depends_on: ['charge'] }, async () => 1)
// @ts-expect-error an unknown priority
base.step('x', { priority: 'urgent' }, async () => 1)

// Class handlers.
class Charge extends StepHandler<{ amount: number }> {
  override async process(task: TaskView) {
    return { amount: Number(task.context['amount']) }
  }
}
base.step('by_class', {}, Charge).step('x', { dependsOn: ['by_class'] }, async ({ results }) => {
  holds<Equal<typeof results.by_class, { amount: number }>>()
})

// Steps generated from the context.
const chunked = defineTask({ name: 'batch', context: z.object({ files: z.array(z.string()) }) })
  .step('split', async () => ({ size: 2 }))
  .expand(
    'chunk',
    { dependsOn: ['split'] },
    (context) => context.files.map((file) => ({ key: file, inputs: { file } })),
    async ({ inputs, results }) => ({ rows: inputs.file.length * results.split.size }),
  )
  .step('merge', { dependsOn: ['chunk'] }, async ({ results }) => {
    holds<Equal<typeof results.chunk, Readonly<Record<string, { rows: number }>>>>()
    return Object.values(results.chunk).reduce((sum, chunk) => sum + chunk.rows, 0)
  })
chunked.expand(
  'more',
  {},
  // @ts-expect-error items come from the context
  (context) => context.rows,
  async () => 1,
)

// Every library behind Standard Schema, JSON Schema, and none.
const byValibot = defineTask({ name: 'x', context: v.object({ id: v.number() }) })
byValibot.step('a', async ({ context }) => context.id satisfies number)
const byArktype = defineTask({ name: 'x', context: type({ id: 'number' }) })
byArktype.step('a', async ({ context }) => context.id satisfies number)
const byJsonSchema = defineTask({ name: 'x', context: { type: 'object', required: ['id'] } })
byJsonSchema.step('a', async ({ context }) => context['id'] ?? null)
const bare = defineTask({ name: 'x' })
bare.step('a', async ({ context }) => context['id'] ?? null)

// What the rest of the engine reads off a definition.
holds<Equal<ContextInputOf<typeof base>, { orderId: number; express?: boolean | undefined }>>()
holds<Equal<ContextOf<typeof base>, { orderId: number; express: boolean }>>()
holds<Equal<ContextInputOf<typeof bare>, JsonObject>>()
holds<Equal<ContextInputOf<DefinitionSource>, JsonObject>>()
holds<Equal<ContextInputOf<TaskDefinition>, JsonObject>>()
holds<Equal<ResultsOf<TaskDefinition>, Readonly<Record<string, Json>>>>()
holds<Equal<ResultsOf<typeof base>['count'], number | null>>()
holds<Equal<ResultsOf<typeof base>['fetch_order'], Order | null>>()
export const definitions: readonly DefinitionSource[] = [base, chunked, bare]

// The annotations hook.
base.annotate(async ({ results, context }) => [
  { type: 'total', annotation: { amount: results.charge?.amount ?? 0, order: context.orderId } },
])
// @ts-expect-error a step that is not there
base.annotate(async ({ results }) => [{ type: 'x', annotation: { y: results.refund } }])

// The hook that adjusts one task.
base.adjust(({ context }, steps) => {
  for (const step of steps) if (context.express) step.update({ retryLimit: 1 })
})
// @ts-expect-error a field that the context has not
base.adjust(({ context }) => void context.total)

// A handler may be written apart, typed by hand.
export const apart = async (given: TypedStepExecution<JsonObject, { a: number }>) => given.results.a
defineTask({ name: 'x' })
  .step('a', () => 1)
  .step('b', { dependsOn: ['a'] }, apart)
