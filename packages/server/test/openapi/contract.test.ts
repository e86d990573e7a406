// The contract, tried out: whatever is sent to an operation, fitting or not, it answers with a status that the document names
// and a body that its schema accepts; never with a fault of the server. Longer: `TASKER_RUNS=2000 npm test`.
import { defineTask, PermanentError } from '@tasker/engine'
import { operations, type Operation } from '@tasker/server'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../engine/test/properties/runs.ts'
import { openApiDocument } from '../../src/openapi/document.ts'
import { refusalsByStatus } from '../../src/openapi/refusals.ts'
import { here, servedForFile } from '../support/served.ts'
import { requestsFor, type Described, type DescribedAnswer, type MadeRequest } from './requests.ts'

const order = defineTask({ name: 'order', namespace: 'shop' })
  .step('charge', async () => ({ amount: 7 }))
  .step('ship', { dependsOn: ['charge'] }, async ({ context }) => {
    if (context['isBroken'] === true) throw new PermanentError('the courier is gone')
    return 'shipped'
  })
const served = servedForFile(() => ({
  definitions: [order],
  metrics: true,
  server: { requestsPerMinute: 0 }, // none is turned away unread
}))

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Omit<Described, 'path' | 'method'>>>>
  >
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

// A cast: the document as its test has found it valid.
const document = JSON.parse(
  JSON.stringify(openApiDocument({ operations, prefix: '/tasker', securitySchemes: [] })),
) as Document

const ajv = addFormats.default(new Ajv2020({ strict: false, validateFormats: true }))
ajv.addSchema({ $id: 'document', components: document.components })

const { seed, numRuns } = runs(8)
const taskIds: string[] = []
// One complete, one in error, and three that nobody works on.
beforeAll(async () => {
  const { tasks, worker } = served.tasker
  const create = async (isBroken: boolean) =>
    (await tasks.create(order, { context: { isBroken } })).taskId
  taskIds.push(await create(false), await create(true))
  await worker.start()
  for (const taskId of taskIds) await tasks.waitFor(taskId)
  await worker.stop()
  while (taskIds.length < 5) taskIds.push(await create(false))
})

describe('whatever is sent, a documented answer comes back', () => {
  it.for(operations)('$id', async (operation) => {
    const { path, method } = operation
    const described = document.paths[path]?.[method]
    if (described === undefined) throw new Error(`${operation.id} is not in the document`)
    const requests = fc.sample(
      requestsFor(
        { ...described, path, method },
        {
          prefix: '/tasker',
          schemas: document.components.schemas,
          known,
        },
      ),
      { seed, numRuns },
    )
    const wrong: Record<string, string> = {} // one request for each fault
    for (const request of requests) {
      const what = await whatIsWrong(operation, described.responses, request)
      if (what !== null) wrong[what] ??= JSON.stringify(request).slice(0, 1_000)
    }
    expect(wrong).toEqual({})
  })
})

const known = {
  task_id: taskIds,
  namespace: ['shop'],
  name: ['order'],
  version: ['0.1.0'],
  step: ['charge', 'ship', '1', '2'],
}

async function whatIsWrong(
  operation: Operation,
  responses: Readonly<Record<string, DescribedAnswer>>,
  request: MadeRequest,
): Promise<string | null> {
  const { method, target, headers, body } = request
  const answer = await served.server.fetch(
    new Request(`http://localhost${target}`, { method, headers, body }),
    here,
  )
  return faultOf(operation, responses, answer)
}

async function faultOf(
  operation: Operation,
  responses: Readonly<Record<string, DescribedAnswer>>,
  answer: Response,
): Promise<string | null> {
  const { status } = answer
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  if (type === 'text/event-stream') {
    await answer.body?.cancel()
    return null
  }
  const text = await answer.text()
  if (status >= 500 && !isMeant(operation, status)) return `answered ${status} ${codeIn(text)}`
  const described = responses[status]
  if (described === undefined) return `answered ${status}, not documented, ${codeIn(text)}`
  if (described.content === undefined) return text === '' ? null : `answered a body: ${text}`
  const schema = described.content[type]?.schema
  if (schema === undefined) return `answered ${status} as ${type}, not documented`
  if (!type.endsWith('json')) return null
  const accepts = checkOf(schema)
  return accepts(JSON.parse(text))
    ? null
    : `answered ${status} with ${text}, of which ${ajv.errorsText(accepts.errors)}`
}

const codeIn = (text: string): string => /"code":"(\w+)"/.exec(text)?.[1] ?? text

/** A 5xx that the operation has by itself: as a probe that fails. */
const isMeant = (operation: Operation, status: number): boolean =>
  operation.answers[status] !== undefined ||
  refusalsByStatus({ ...operation, refuses: [] }).get(status)?.length !==
    refusalsByStatus(operation).get(status)?.length

const checks = new Map<object, ValidateFunction>()

/** Compiled once for each schema of the document. */
function checkOf(schema: object): ValidateFunction {
  const known = checks.get(schema)
  if (known !== undefined) return known
  const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components')
  const check = ajv.compile(JSON.parse(text) as object)
  checks.set(schema, check)
  return check
}
