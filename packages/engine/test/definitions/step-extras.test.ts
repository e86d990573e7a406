// `result` and `cache` of a step, in each way to write a definition: what is right, and every fault at once with its place.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { StepExecution } from '../../src/definitions/model.ts'
import { TaskHandler } from '../../src/definitions/task-handler.ts'
import { defineTaskFromClass } from '../../src/definitions/task-hooks.ts'
import { errorOf, faultsOf } from './errors.ts'
import { executionOf } from './execution.ts'
import { faultsIn, ok, read, run } from './read-yaml.ts'

const order = {
  type: 'object',
  properties: { id: { type: 'integer' }, lines: { type: 'array', default: [] } },
  required: ['id'],
  additionalProperties: false,
}

const fails = async (answer: Promise<unknown>): Promise<readonly string[]> => {
  const failure = await answer.catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'RESULT_INVALID' })
  return faultsOf(failure as Parameters<typeof faultsOf>[0]) // as just seen
}

describe('a result schema', () => {
  test('in JSON applies defaults, and names what does not match without showing it', async () => {
    const answers: unknown[] = [{ id: 1 }, { id: 'secret', line: [] }, undefined, new Map()]
    const definition = buildDefinition(
      defineTask({ name: 'x' }).step(
        'only',
        { result: order },
        async () => answers.shift() as object,
      ),
    )
    expect(await run(definition, 'only')).toEqual({ id: 1, lines: [] })
    expect(await fails(run(definition, 'only'))).toEqual([
      'result/line: is a key that the schema does not allow ("line"); did you mean "lines"?',
      'result/id: expected integer, received string',
    ])
    expect(await fails(run(definition, 'only'))).toEqual(['result: expected object, received null'])
    expect(await fails(run(definition, 'only'))).toEqual([
      'result: expected JSON, received an instance of Map',
    ])
  })

  test('of any Standard Schema applies defaults, and a value that does not match is not shown', async () => {
    const result = z.object({ id: z.string().default('none'), card: z.number() })
    const source = defineTask({ name: 'x' })
      .step('good', { result }, async () => ({ card: 1 }))
      .step('bad', { result }, async () => {
        // What no compiler sees: an outside system sends another type.
        const body: unknown = JSON.parse('{"card":"4111-1111"}')
        return body as { card: number }
      })
    expect(await run(buildDefinition(source), 'good')).toEqual({ id: 'none', card: 1 })
    const failure = await run(buildDefinition(source), 'bad').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'RESULT_INVALID' })
    expect(String(failure)).toContain('result/card')
    expect(String(failure)).not.toContain('4111')
  })

  test('is the same in YAML and of classes', async () => {
    class Task extends TaskHandler {
      static override readonly stepTemplates = [
        { name: 'only', handlerClass: ok, result: z.object({ id: z.number() }) },
      ]
    }
    expect(await fails(run(buildDefinition(defineTaskFromClass(Task)), 'only'))).toHaveLength(1)
    const fromYaml = read(`
      ---
      name: x
      step_templates:
        - name: only
          handler_class: Ok
          result: { type: object, required: [id] }
    `)
    expect(await fails(run(fromYaml, 'only'))).toEqual(['result/id: is missing'])
  })

  test('that is broken is a fault of the definition', () => {
    const source = defineTask({ name: 'x' })
      .step('a', { result: { type: 'objet' } }, async () => 1)
      .step('b', { result: 7 as unknown as object & Record<string, never> }, async () => 1)
    expect(faultsOf(errorOf(() => buildDefinition(source)))).toEqual([
      expect.stringContaining('steps.a.result: schema: schema is invalid'),
      'steps.b.result: schema: expected a JSON Schema or a Standard Schema, received number 7',
    ])
    expect(
      faultsIn(`
        ---
        name: x
        step_templates:
          - name: a
            handler_class: Ok
            result: { type: objet }
      `),
    ).toEqual([
      expect.stringMatching(/^6:\d+ step_templates\.0\.result: schema: schema is invalid/),
    ])
  })
})

describe('the key of a cache', () => {
  const keyOf = async (
    source: Parameters<typeof buildDefinition>[0],
    fields: Partial<StepExecution>,
  ): Promise<string | null | undefined> =>
    buildDefinition(source).caches['only']?.keyOf(executionOf(fields).execution)

  test('is the same for equal JSON, whatever the order of its keys', async () => {
    const source = defineTask({ name: 'x' }).step(
      'only',
      { cache: { key: ({ context }) => context } },
      async () => 1,
    )
    const one = await keyOf(source, { context: { a: 1, b: [2] } })
    expect(await keyOf(source, { context: { b: [2], a: 1 } })).toBe(one)
    expect(await keyOf(source, { context: { a: 1, b: ['2'] } })).not.toBe(one)
  })

  test('reads the results of generated steps by key, as the handler does', async () => {
    const source = defineTask({ name: 'x' })
      .expand(
        'part',
        {},
        () => [{ key: 'a', inputs: 1 }],
        async () => ({ rows: 1 }),
      )
      .step(
        'only',
        {
          dependsOn: ['part'],
          cache: { key: ({ results }) => Object.values(results.part).map(({ rows }) => rows) },
        },
        async () => 1,
      )
    expect(await keyOf(source, { results: { 'part[a]': { rows: 7 } } })).toBe('[7]')
  })

  test('that is no JSON ends the attempt with what is wrong', async () => {
    const source = defineTask({ name: 'x' }).step(
      'only',
      { cache: { key: () => new Date(0) as unknown as string } },
      async () => 1,
    )
    await expect(keyOf(source, {})).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  })

  test('is no part of the digest: how long results are good for needs no new version', () => {
    const make = (ttlMs: number) =>
      buildDefinition(
        defineTask({ name: 'x' }).step('only', { cache: { key: () => 1, ttlMs } }, async () => 1),
      )
    expect(make(1_000).digest).toBe(make(2_000).digest)
  })
})

test('every fault of a cache is reported', () => {
  const wrong = { key: 7, ttl: 5, ttlMs: 0 } as unknown as { key: () => string }
  const source = defineTask({ name: 'x' })
    .step('a', { cache: wrong, transaction: true, timeoutMs: 1 }, async () => 1)
    .step('b', { cache: 'yes' as unknown as { key: () => string } }, async () => 1)
  expect(faultsOf(errorOf(() => buildDefinition(source)))).toEqual([
    'steps.a.cache: "ttl" is none of key and ttlMs (in YAML ttl_seconds)',
    'steps.a.cache: the step has a transaction: with a cached result its writes would be left out',
    'steps.a.cache: key: expected a reference such as "context.customer_id", received number 7',
    'steps.a.cache: ttlMs: expected an integer from 1 to 2592000000, received number 0',
    'steps.b.cache: expected { key, ttlMs }, received "yes"',
  ])
})

test('in YAML each fault of a cache has its place', () => {
  expect(
    faultsIn(`
      ---
      name: x
      step_templates:
        - name: a
          handler_class: Ok
        - name: b
          handler_class: Ok
          depends_on_step: a
          cache: { key: [contxt.id, results.c.id, results.a], ttl_seconds: soon }
        - name: c
          handler_class: Ok
          cache: { key: [] }
    `),
  ).toEqual([
    '9:5 step_templates.1.cache: key: "contxt.id" begins with none of context, results, inputs; did you mean "context"?',
    '9:5 step_templates.1.cache: key: "results.c.id" names no step in its dependencies',
    '9:5 step_templates.1.cache: ttlMs: expected an integer from 1 to 2592000000, received "soon"',
    '12:5 step_templates.2.cache: key: expected what the result depends on, received an empty list',
  ])
})
