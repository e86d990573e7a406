// What differs between two versions of a definition: graph, settings, context schema; compatible or not, and why.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { diffDefinitions, type DefinitionDiff } from '../../src/definitions/definition-diff.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import type { JsonObject } from '../../src/json.ts'
import { defineShape } from '../../src/testing/define-shape.ts'
import { shapes, type ShapeStep } from '../../src/testing/shapes.ts'
import { read } from './read-yaml.ts'

const ok = async () => null

/** `incompatible` and `compatible`: `step.what`, the task's own without a step. */
function verdicts({ differences }: DefinitionDiff) {
  const named = (isCompatible: boolean) =>
    differences
      .filter((one) => one.isCompatible === isCompatible)
      .map(({ kind, step, what }) => {
        if (kind !== 'setting_changed')
          return `${kind} ${what === step ? step : `${what} > ${step}`}`
        return step === null ? what : `${step}.${what}`
      })
  return { incompatible: named(false), compatible: named(true) }
}

const withSteps = (version: string, steps: readonly ShapeStep[]): TaskDefinition =>
  buildDefinition(defineShape({ namespace: 'tests', name: 'diffed', version, steps }))

const step = (name: string, ...dependsOn: readonly string[]): ShapeStep => ({ name, dependsOn })

describe('two versions that mean the same', () => {
  test('differ in nothing, and are compatible', () => {
    const diff = diffDefinitions(
      withSteps('1.0.0', shapes.B.steps),
      withSteps('2.0.0', shapes.B.steps),
    )
    expect(diff).toEqual({
      from: 'tests/diffed@1.0.0',
      to: 'tests/diffed@2.0.0',
      isCompatible: true,
      graph: {
        stepsAdded: [],
        stepsRemoved: [],
        edgesAdded: [],
        edgesRemoved: [],
        levelsChanged: [],
      },
      differences: [],
    })
  })

  test('in YAML and in code, too', () => {
    const fromYaml = read(`
      name: diffed
      version: 2.0.0
      step_templates: [{ name: a, handler_class: Ok }]
    `)
    const fromCode = buildDefinition(defineTask({ name: 'diffed', version: '1.0.0' }).step('a', ok))
    expect(diffDefinitions(fromCode, fromYaml).differences).toEqual([])
  })
})

describe('the graph', () => {
  test('a step that is gone is incompatible, a new one is not; edges and levels are named', () => {
    const diff = diffDefinitions(
      withSteps('1.0.0', [step('a'), step('b', 'a'), step('c', 'b'), step('d', 'a')]),
      withSteps('2.0.0', [step('a'), step('new', 'a'), step('c', 'a', 'new'), step('d', 'c')]),
    )
    expect(diff.isCompatible).toBe(false)
    expect(diff.graph).toEqual({
      stepsAdded: ['new'],
      stepsRemoved: ['b'],
      edgesAdded: [
        { from: 'a', to: 'new' },
        { from: 'a', to: 'c' },
        { from: 'new', to: 'c' },
        { from: 'c', to: 'd' },
      ],
      edgesRemoved: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
        { from: 'a', to: 'd' },
      ],
      levelsChanged: [{ step: 'd', from: 1, to: 3 }],
    })
    expect(verdicts(diff)).toEqual({
      incompatible: ['step_removed b', 'edge_removed b > c', 'edge_removed a > d'],
      compatible: ['step_added new', 'edge_added a > c', 'edge_added new > c', 'edge_added c > d'],
    })
    expect(diff.differences[1]).toEqual({
      kind: 'edge_removed',
      step: 'c',
      what: 'b',
      from: 'b',
      to: null,
      isCompatible: false,
      why: 'It no longer waits for "b" and is not given its result.',
    })
  })

  test('the order of declaration and of dependencies means nothing', () => {
    const diff = diffDefinitions(
      withSteps('1.0.0', [step('a'), step('b'), step('c', 'a', 'b')]),
      withSteps('2.0.0', [step('b'), step('a'), step('c', 'b', 'a')]),
    )
    expect(diff.differences).toEqual([])
  })
})

describe('settings of a step', () => {
  const make = (version: string, options: object) =>
    buildDefinition(defineTask({ name: 'diffed', version }).step('a', options, ok))

  test.each<[string, object, object, boolean]>([
    ['retryLimit', { retry: { limit: 3 } }, { retry: { limit: 5 } }, true],
    ['retryLimit', { retry: { limit: 3 } }, { retry: { limit: 2 } }, false],
    ['timeoutMs', { timeoutMs: 1_000 }, { timeoutMs: 2_000 }, true],
    ['timeoutMs', { timeoutMs: 2_000 }, { timeoutMs: 1_000 }, false],
    ['timeoutMs', {}, { timeoutMs: 1_000 }, false],
    ['timeoutMs', { timeoutMs: 1_000 }, {}, false],
    ['skippable', {}, { skippable: true }, true],
    ['skippable', { skippable: true }, {}, false],
    ['priority', {}, { priority: 'low' }, true],
    ['dependentSystem', {}, { dependentSystem: 'crm' }, true],
    ['description', {}, { description: 'says more' }, true],
  ])('%s from %j to %j: compatible is %j', (what, from, to, isCompatible) => {
    const diff = diffDefinitions(make('1.0.0', from), make('2.0.0', to))
    expect(diff.differences).toEqual([
      expect.objectContaining({ kind: 'setting_changed', step: 'a', what, isCompatible }),
    ])
    expect(diff.differences[0]?.why).toMatch(/^[A-Z].*\.$/)
    expect(diff.isCompatible).toBe(isCompatible)
  })

  test('no retry any more is incompatible, with the one attempt that is left', () => {
    const diff = diffDefinitions(make('1.0.0', {}), make('2.0.0', { retry: { retryable: false } }))
    expect(verdicts(diff).incompatible).toEqual(['a.retryable', 'a.retryLimit'])
    expect(diff.differences.map(({ from, to }) => [from, to])).toEqual([
      [true, false],
      [3, 1],
    ])
  })

  test('a transaction given up is incompatible, one begun is not', () => {
    const inside = { transaction: true, timeoutMs: 1_000 }
    const outside = { timeoutMs: 1_000 }
    expect(diffDefinitions(make('1.0.0', inside), make('2.0.0', outside)).isCompatible).toBe(false)
    expect(diffDefinitions(make('1.0.0', outside), make('2.0.0', inside)).isCompatible).toBe(true)
  })

  test('the values of a handler’s configuration are not shown', () => {
    const withKey = (version: string, key: string) =>
      read(`
        name: diffed
        version: ${version}
        step_templates: [{ name: a, handler_class: Ok, handler_config: { key: ${key} } }]
      `)
    const diff = diffDefinitions(withKey('1.0.0', 'sesame'), withKey('2.0.0', 'mellon'))
    expect(verdicts(diff).compatible).toEqual(['a.handlerConfig'])
    expect(JSON.stringify(diff)).not.toMatch(/sesame|mellon/)
  })
})

describe('settings of the task', () => {
  const make = (version: string, settings: object, annotates = false) => {
    const builder = defineTask({ name: 'diffed', version, ...settings }).step('a', ok)
    return buildDefinition(annotates ? builder.annotate(async () => []) : builder)
  }

  test.each<[string, object, object, boolean]>([
    ['priority', {}, { priority: 'high' }, true],
    ['metadata', {}, { metadata: { team: 'billing' } }, true],
    ['description', {}, { description: 'more' }, true],
    ['maxExecutionMs', { maxExecutionMs: 1_000 }, { maxExecutionMs: 2_000 }, true],
    ['maxExecutionMs', { maxExecutionMs: 1_000 }, {}, true],
    ['maxExecutionMs', { maxExecutionMs: 2_000 }, { maxExecutionMs: 1_000 }, false],
    ['maxExecutionMs', {}, { maxExecutionMs: 1_000 }, false],
  ])('%s from %j to %j: compatible is %j', (what, from, to, isCompatible) => {
    const diff = diffDefinitions(make('1.0.0', from), make('2.0.0', to))
    expect(diff.differences).toEqual([expect.objectContaining({ step: null, what, isCompatible })])
  })

  test('annotations that stop are incompatible, those that start are not', () => {
    const [without, annotating] = [make('1.0.0', {}), make('2.0.0', {}, true)]
    expect(verdicts(diffDefinitions(annotating, without)).incompatible).toEqual(['annotates'])
    expect(verdicts(diffDefinitions(without, annotating)).compatible).toEqual(['annotates'])
  })
})

describe('the context schema', () => {
  const make = (version: string, context?: JsonObject) =>
    buildDefinition(
      defineTask({ name: 'diffed', version, ...(context === undefined ? {} : { context }) }).step(
        'a',
        ok,
      ),
    )
  const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
    type: 'object',
    properties,
    ...rest,
  })
  const text = { type: 'string' }
  const diffOf = (from: JsonObject | undefined, to: JsonObject | undefined) =>
    verdicts(diffDefinitions(make('1.0.0', from), make('2.0.0', to)))

  test.each<[string, JsonObject | undefined, JsonObject | undefined, readonly string[]]>([
    [
      'a new required property',
      object({}),
      object({ id: text }, { required: ['id'] }),
      ['contextSchema/id'],
    ],
    [
      'a property that became required',
      object({ id: text }),
      object({ id: text }, { required: ['id'] }),
      ['contextSchema/id'],
    ],
    [
      'a required property whose default is gone',
      object({ id: { ...text, default: 'x' } }, { required: ['id'] }),
      object({ id: text }, { required: ['id'] }),
      ['contextSchema/id'],
    ],
    [
      'a narrower type',
      object({ n: { type: 'number' } }),
      object({ n: { type: 'integer' } }),
      ['contextSchema/n/type'],
    ],
    [
      'a value less in an enum',
      object({ e: { enum: ['a', 'b'] } }),
      object({ e: { enum: ['a'] } }),
      ['contextSchema/e/enum'],
    ],
    [
      'a higher minimum',
      object({ n: { type: 'number', minimum: 1 } }),
      object({ n: { type: 'number', minimum: 2 } }),
      ['contextSchema/n/minimum'],
    ],
    [
      'a new limit',
      object({ n: text }),
      object({ n: { ...text, maxLength: 10 } }),
      ['contextSchema/n/maxLength'],
    ],
    [
      'a schema that closes',
      object({ id: text }),
      object({ id: text }, { additionalProperties: false }),
      ['contextSchema/additionalProperties'],
    ],
    [
      'a property gone from a closed schema',
      object({ id: text, old: text }, { additionalProperties: false }),
      object({ id: text }, { additionalProperties: false }),
      ['contextSchema/old'],
    ],
    [
      'a requirement deep inside',
      object({ order: object({ lines: { type: 'array', items: object({ sku: text }) } }) }),
      object({
        order: object({
          lines: { type: 'array', items: object({ sku: text }, { required: ['sku'] }) },
        }),
      }),
      ['contextSchema/order/lines/items/sku'],
    ],
    [
      'a keyword that cannot be judged',
      object({ id: { ...text, pattern: '^a' } }),
      object({ id: { ...text, pattern: '^[ab]' } }),
      ['contextSchema/id/pattern'],
    ],
    ['a schema where there was none', undefined, object({}), ['contextSchema']],
  ])('%s is incompatible', (_what, from, to, incompatible) => {
    expect(diffOf(from, to).incompatible).toEqual(incompatible)
  })

  test.each<[string, JsonObject | undefined, JsonObject | undefined]>([
    ['a new optional property', object({}), object({ id: text })],
    [
      'a new required property with a default',
      object({}),
      object({ id: { ...text, default: 'x' } }, { required: ['id'] }),
    ],
    [
      'a requirement that is dropped',
      object({ id: text }, { required: ['id'] }),
      object({ id: text }),
    ],
    [
      'a wider type',
      object({ n: { type: 'integer' } }),
      object({ n: { type: ['number', 'null'] } }),
    ],
    [
      'a value more in an enum',
      object({ e: { enum: ['a'] } }),
      object({ e: { enum: ['b', 'a'] } }),
    ],
    [
      'a lower minimum and a higher maximum',
      object({ n: { type: 'number', minimum: 2, maximum: 5 } }),
      object({ n: { type: 'number', minimum: 1, maximum: 6 } }),
    ],
    ['a keyword that is dropped', object({ id: { ...text, pattern: '^a' } }), object({ id: text })],
    [
      'a schema that opens',
      object({ id: text }, { additionalProperties: false }),
      object({ id: text }),
    ],
    ['a property gone from an open schema', object({ id: text, old: text }), object({ id: text })],
    ['no schema any more', object({}), undefined],
  ])('%s is compatible', (_what, from, to) => {
    const { incompatible, compatible } = diffOf(from, to)
    expect(incompatible).toEqual([])
    expect(compatible.length).toBeGreaterThan(0)
  })

  test('titles, descriptions and defaults of optional properties are no difference', () => {
    const from = object({ id: { ...text, title: 'Id', default: 'a' } }, { description: 'old' })
    const to = object({ id: { ...text, title: 'ID', default: 'b' } }, { description: 'new' })
    expect(diffOf(from, to)).toEqual({ incompatible: [], compatible: [] })
  })

  test('schemas in code are compared by what they stand for', () => {
    const typed = (version: string, context: z.ZodType<JsonObject>) =>
      buildDefinition(defineTask({ name: 'diffed', version, context }).step('a', ok))
    const from = typed('1.0.0', z.object({ id: z.number().int() }))
    const to = typed('2.0.0', z.object({ id: z.number().int(), note: z.string() }))
    expect(verdicts(diffDefinitions(from, to)).incompatible).toEqual(['contextSchema/note'])
    expect(diffDefinitions(to, from).isCompatible).toBe(true)
  })
})
