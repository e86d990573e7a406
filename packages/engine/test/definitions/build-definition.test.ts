// What a definition may be: every fault at once, defaults, freezing, and the digest that makes two of them equal.
import { describe, expect, test } from 'vitest'
import { buildDefinition, type DefinitionSource } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { canonicalJson } from '../../src/definitions/digest.ts'
import type { Json, JsonObject } from '../../src/json.ts'
import { errorOf, faultsOf } from './errors.ts'
import { defineShape, shapes, type ShapeStep } from '../../src/testing/index.ts'

const ok = async () => ({ ok: true })

/** Builds what the types forbid: JavaScript callers have no compiler. */
function untyped(
  settings: Readonly<Record<string, unknown>>,
  steps: readonly (readonly unknown[])[],
): DefinitionSource {
  const start: unknown = Reflect.apply(defineTask, undefined, [settings])
  return steps.reduce<unknown>(
    (chain, step) => Reflect.apply((chain as { step: () => unknown }).step, chain, step),
    start,
  ) as DefinitionSource // every link of the chain is one
}

const faultsIn = (source: DefinitionSource): readonly string[] =>
  faultsOf(errorOf(() => buildDefinition(source)))

const ofSteps = (steps: readonly ShapeStep[]): DefinitionSource =>
  defineShape({ namespace: 'default', name: 'x', version: '0.1.0', steps })

describe('defaults', () => {
  test('a definition with nothing but a name and a step has every other field filled in', () => {
    const definition = buildDefinition(defineTask({ name: 'hello' }).step('greet', ok))
    expect(definition).toMatchObject({
      namespace: 'default',
      name: 'hello',
      version: '0.1.0',
      description: '',
      namespaceDescription: null,
      contextSchema: null,
      priority: 'normal',
      maxExecutionMs: null,
      metadata: {},
      planSteps: null,
      annotate: null,
    })
    expect(definition.steps).toEqual([
      {
        name: 'greet',
        description: 'greet',
        dependsOn: [],
        handler: 'greet',
        dependentSystem: 'unknown',
        retryable: true,
        retryLimit: 3,
        skippable: false,
        timeoutMs: null,
        priority: null,
        transaction: false,
        handlerConfig: null,
        customEvents: [],
        inputs: null,
      },
    ])
    expect(definition.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('a definition is frozen, its steps and their configuration too', () => {
    const source = defineTask({ name: 'x' }).step('a', { config: { url: { host: 'h' } } }, ok)
    const definition = buildDefinition(source)
    const config = definition.steps[0]?.handlerConfig
    const parts = [definition, definition.steps, definition.steps[0], config, config?.['url']]
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true, true])
  })

  test('a definition that was built already comes back as it is', () => {
    const definition = buildDefinition(defineTask({ name: 'x' }).step('a', ok))
    expect(buildDefinition(definition)).toBe(definition)
  })

  test('a step named after a member of every object finds its own handler, and only its own', () => {
    const definition = buildDefinition(
      defineTask({ name: 'x' }).step('constructor', ok).step('__proto__', ok),
    )
    expect(definition.handlers['constructor']).toBeTypeOf('function')
    expect(definition.handlers['__proto__']).toBeTypeOf('function')
    expect(definition.handlers['toString']).toBeUndefined()
  })
})

describe('names', () => {
  test('names may be in any script', () => {
    const definition = buildDefinition(
      defineTask({ namespace: 'платежи', name: '注文処理' })
        .step('Prüfung 🧾', ok)
        .step('envío', { dependsOn: ['Prüfung 🧾'] }, ok),
    )
    expect(definition.steps.map((step) => step.name)).toEqual(['Prüfung 🧾', 'envío'])
  })

  test.each([
    ['an empty step name', '', 'expected a name, received an empty string'],
    ['129 characters', '🧾'.repeat(129), 'expected at most 128 characters, received 129'],
    ['a line break', 'a\nb', 'expected no control characters'],
    ['NUL', 'a\0b', 'expected no control characters'],
    ['a lone surrogate', 'a\ud800', 'expected well-formed Unicode, received a lone surrogate'],
    ['a number', 7, 'expected a name, received number 7'],
  ])('%s is refused', (_what, name, message) => {
    expect(faultsIn(untyped({ name: 'x' }, [[name, ok]]))).toContain(`steps[0].name: ${message}`)
  })

  test('128 characters are counted as characters, not as UTF-16 units', () => {
    const definition = buildDefinition(defineTask({ name: 'x' }).step('🧾'.repeat(128), ok))
    expect(definition.steps).toHaveLength(1)
  })

  test.each(['1', '1.2', 'v1.2.3', ' 1.2.3', '01.2.3', 'latest', ''])(
    'version %j is refused',
    (version) => {
      const [fault] = faultsIn(defineTask({ name: 'x', version }).step('a', ok))
      expect(fault).toContain('version: expected a full semantic version such as 1.2.0')
    },
  )

  test.each(['0.0.1', '2.0.0-beta.1', '1.2.3+build.7', '10.20.30'])(
    'version %s is accepted',
    (version) => {
      expect(buildDefinition(defineTask({ name: 'x', version }).step('a', ok)).version).toBe(
        version,
      )
    },
  )
})

describe('faults', () => {
  test('every fault is named at once, with the address and the remedy', () => {
    const error = errorOf(() =>
      buildDefinition(
        untyped(
          {
            namespace: 'n'.repeat(65),
            name: 't'.repeat(65),
            version: '1',
            priority: 'hihg',
            maxExecutionMs: 0,
            metadata: [1],
          },
          [
            ['charge', { retry: { limit: 0 }, timeoutMs: -1 }, ok],
            ['charge', ok],
            ['ship', { dependsOn: ['chrage'], priority: 7 }, ok],
            ['loop', { dependsOn: ['loop'] }, ok],
            ['save', { transaction: true }, ok],
            ['tell', { customEvents: [{ name: 'told' }], retry: { limit: 40_000 } }, ok],
            ['late', { skippable: 'yes', dependsOn: 'charge' }, 'no function'],
          ],
        ),
      ),
    )
    expect(error.code).toBe('DEFINITION_INVALID')
    expect(error.message).toContain('18 faults:')
    expect(error.message).toContain('Correct every fault listed')
    expect(faultsOf(error)).toEqual([
      'namespace: expected at most 64 characters, received 65',
      'name: expected at most 64 characters, received 65',
      'version: expected a full semantic version such as 1.2.0 or 2.0.0-beta.1, received "1"',
      'metadata: expected a map, received array',
      'priority: expected critical, high, normal, low; received "hihg"; did you mean "high"?',
      'maxExecutionMs: expected an integer from 1 to 315360000000, received number 0',
      'steps.charge.retryLimit: expected an integer from 1 to 32767, received number 0',
      'steps.charge.timeoutMs: expected an integer from 1 to 2147483647, received number -1',
      'steps.ship.priority: expected critical, high, normal, low; received number 7',
      'steps.save.timeoutMs: a step with a transaction needs a timeout, received none',
      'steps.tell.retryLimit: expected an integer from 1 to 32767, received number 40000',
      'steps.tell.customEvents: custom event name "told" must contain a namespace (e.g. "order.fulfilled")',
      'steps.late.dependsOn: expected a list of step names, received "charge"',
      'steps.late.skippable: expected true or false, received "yes"',
      'steps[1].name: "charge" is already the name of steps[0]',
      'steps.ship.dependsOn: "chrage" is not a step of this task; did you mean "charge"?',
      'steps.loop.dependsOn: depends on itself',
      'steps.late.handler: no handler "late" was given',
    ])
  })

  test('a definition without steps is refused', () => {
    expect(faultsIn(defineTask({ name: 'empty' }))).toEqual([
      'steps: expected at least one step, received none',
    ])
  })

  test('a cycle is refused with its path', () => {
    const steps = [
      { name: 'a', dependsOn: ['c'] },
      { name: 'b', dependsOn: ['a'] },
      { name: 'c', dependsOn: ['b'] },
    ]
    expect(faultsIn(ofSteps(steps))).toEqual([
      'steps: the dependencies form a cycle: a → c → b → a',
    ])
  })

  test('the path of a very long cycle is cut in the middle', () => {
    const steps = Array.from({ length: 5_000 }, (_, index) => ({
      name: `s${index}`,
      dependsOn: [`s${(index + 4_999) % 5_000}`],
    }))
    const [fault] = faultsIn(ofSteps(steps))
    expect(fault).toContain('s0 → s4999 → s4998')
    expect(fault).toContain('(4981 more) → s0')
  })

  test('a configuration that is not JSON is named by its path and never shown', () => {
    const config = { token: 'hunter2', nested: { when: new Date(0), list: [1n] } }
    const error = errorOf(() => buildDefinition(untyped({ name: 'x' }, [['a', { config }, ok]])))
    expect(faultsOf(error)).toEqual([
      'steps.a.handlerConfig: handlerConfig/nested/when: expected JSON, received an instance of Date',
      'steps.a.handlerConfig: handlerConfig/nested/list/0: expected JSON, received bigint',
    ])
    expect(error.message).not.toContain('hunter2')
  })

  test('a broken context schema is a fault of the definition', () => {
    const context = { type: 'object', requird: ['id'], properties: { id: { type: 'intger' } } }
    const faults = faultsIn(defineTask({ name: 'x', context }).step('a', ok))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain('context.schema:')
  })

  const withEvent = (name: string): DefinitionSource =>
    defineTask({ name: 'x' }).step('a', { customEvents: [{ name, description: '' }] }, ok)

  test.each(['order.fulfilled', 'tasker.mine', 'Заказ.готов', 'a.b.c'])(
    'custom event %s is accepted',
    (name) => {
      const [step] = buildDefinition(withEvent(name)).steps
      expect(step?.customEvents).toEqual([{ name, description: '' }])
    },
  )

  test.each([
    ['fulfilled', 'must contain a namespace'],
    ['.fulfilled', 'must contain a namespace'],
    ['order.', 'must contain a namespace'],
    ['task.completed', 'reserved for system events'],
    ['STEP.custom', 'reserved for system events'],
    ['workflow.x', 'reserved for system events'],
    ['observability.x', 'reserved for system events'],
    ['test.x', 'reserved for system events'],
    ['handler.registered', 'conflicts with a system event'],
    ['tasker.telemetry.cache_synced', 'conflicts with a system event'],
  ])('custom event %s is refused: %s', (name, part) => {
    expect(faultsIn(withEvent(name))).toEqual([expect.stringContaining(part)])
  })

  test('one event with two descriptions is refused, the same twice is one', () => {
    const events = (second: string) =>
      defineTask({ name: 'x' }).step(
        'a',
        {
          customEvents: [
            { name: 'order.done', description: 'Done' },
            { name: 'order.done', description: second },
          ],
        },
        ok,
      )
    expect(buildDefinition(events('Done')).steps[0]?.customEvents).toHaveLength(1)
    expect(faultsIn(events('Over'))).toEqual([
      'steps.a.customEvents: "order.done" is declared twice with different descriptions',
    ])
  })

  test('an option that nobody reads is refused', () => {
    const source = untyped({ name: 'x', names: 'y' }, [
      ['a', { depends_on: [], timeout: 5, retry: { limits: 3 } }, ok],
      ['b', { retry: 3 }, ok],
    ])
    expect(faultsIn(source)).toEqual([
      'names: is not a known option; did you mean "name"?',
      'steps.a.depends_on: is not a known option; did you mean "dependsOn"?',
      'steps.a.timeout: is not a known option; did you mean "timeoutMs"?',
      'steps.a.retry.limits: is not a known option; did you mean "limit"?',
      'steps.b.retry: expected { limit, retryable }, received number 3',
    ])
  })

  test('a hook under its old name is refused instead of being lost', () => {
    class Old {
      process() {
        return null
      }
      process_results() {}
    }
    expect(faultsIn(untyped({ name: 'x' }, [['a', {}, Old]]))).toEqual([
      'steps.a.handler: class Old has process_results, which is not called; name it processResults',
    ])
  })
})

describe('size', () => {
  const chainOf = (length: number): readonly ShapeStep[] =>
    Array.from({ length }, (_, index) => ({
      name: `step_${index}`,
      dependsOn: index === 0 ? [] : [`step_${index - 1}`],
    }))

  test('10,000 steps in one chain are a valid definition', () => {
    expect(buildDefinition(ofSteps(chainOf(10_000))).steps).toHaveLength(10_000)
  })

  test('one step more is refused, unless the limit is raised', () => {
    const source = ofSteps(chainOf(10_001))
    expect(faultsIn(source)).toEqual(['steps: expected at most 10000 steps, received 10001'])
    expect(buildDefinition(source, { stepsMax: 10_001 }).steps).toHaveLength(10_001)
  })

  test('10,000 steps that all name a parent that is not there are 10,000 faults', () => {
    const steps = chainOf(10_000).map((step) => ({ name: step.name, dependsOn: ['stepp_0'] }))
    const faults = faultsIn(ofSteps(steps))
    expect(faults).toHaveLength(10_000)
    expect(faults[0]).toContain('did you mean "step_0"?')
  })

  test('a million dependencies are the limit', () => {
    const width = 1_001
    const layer = Array.from({ length: width }, (_, index) => `a${index}`)
    const steps = [
      ...layer.map((name) => ({ name, dependsOn: [] })),
      ...layer.map((name) => ({ name: `b${name}`, dependsOn: layer })),
    ]
    expect(faultsIn(ofSteps(steps))).toEqual([
      `steps: expected at most 1000000 dependencies, received ${width * width}`,
    ])
  })
})

const parse = (text: string): Json => JSON.parse(text) as Json // parsed JSON

describe('the digest', () => {
  const digest = (source: DefinitionSource): string => buildDefinition(source).digest
  const base = defineTask({ name: 'x', metadata: { team: 'a', owner: 'b' } })
    .step('a', ok)
    .step('b', { config: { url: 'u', retries: { max: 1, min: 0 } } }, ok)
  const joined = base.step('c', { dependsOn: ['a', 'b'] }, ok)

  test('does not depend on the order of keys or of dependencies, nor on repeats', () => {
    const other = defineTask({ metadata: { owner: 'b', team: 'a' }, name: 'x' })
      .step('a', ok)
      .step('b', { config: { retries: { min: 0, max: 1 }, url: 'u' } }, ok)
      .step('c', { dependsOn: ['b', 'a', 'b'] }, ok)
    expect(digest(other)).toBe(digest(joined))
  })

  test('does not depend on the code of the handlers', () => {
    const other = base.step('c', { dependsOn: ['a', 'b'] }, async () => 'something else')
    expect(digest(other)).toBe(digest(joined))
  })

  test('is the same in every process and release', () => {
    // Stored with tasks: a change of this value is a change of the stored format.
    expect(digest(defineShape(shapes.O))).toBe(
      '47f7ff24bef49e23fbe2b75f3a81d82bc6c9438fc20bf967bd0a85ca60b9e319',
    )
  })

  test.each([
    ['a dependency', base.step('c', { dependsOn: ['a'] }, ok)],
    ['a limit', base.step('c', { dependsOn: ['a', 'b'], retry: { limit: 4 } }, ok)],
    ['a name', base.step('d', { dependsOn: ['a', 'b'] }, ok)],
    ['a description', base.step('c', { dependsOn: ['a', 'b'], description: 'C' }, ok)],
    ['an expansion', base.expand('c', { dependsOn: ['a', 'b'] }, () => [], ok)],
  ])('changes with %s', (_what, other) => {
    expect(digest(other)).not.toBe(digest(joined))
  })

  test('does not change with the order of keys in the context schema, but with what it allows', () => {
    const withSchema = (context: JsonObject): string =>
      digest(defineTask({ name: 'x', context }).step('a', ok))
    const one = withSchema({ type: 'object', properties: { a: { type: 'integer' } } })
    expect(withSchema({ properties: { a: { type: 'integer' } }, type: 'object' })).toBe(one)
    expect(withSchema({ properties: { a: { type: 'string' } }, type: 'object' })).not.toBe(one)
  })

  test('canonical JSON orders the keys of every object, and keeps own prototype keys', () => {
    const value = parse('{"b":[{"z":1,"a":2}],"__proto__":{"y":1},"a":null}')
    expect(canonicalJson(value)).toBe('{"__proto__":{"y":1},"a":null,"b":[{"a":2,"z":1}]}')
  })
})
