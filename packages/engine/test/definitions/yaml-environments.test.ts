// Environment blocks and `${VAR}` in YAML definitions.
import { describe, expect, test } from 'vitest'
import { faultsIn, read, run } from './read-yaml.ts'

describe('environments', () => {
  const text = `
    name: x
    version: 1.0.0
    handler_config: { hosts: [a, b], deep: { kept: 1, changed: 1 } }
    step_templates:
      - name: a
        handler_class: Ok
        depends_on_steps: []
      - name: b
        handler_class: Ok
        depends_on_steps: [a]
    environments:
      production:
        version: 1.0.1
        handler_config: { hosts: [c], deep: { changed: 2 } }
        step_templates:
          - name: audit
            handler_class: Ok
            depends_on_step: b
          - name: b
            default_retry_limit: 9
    `

  test('maps merge, lists and scalars replace, steps merge by name, new steps are added at the end', () => {
    const definition = read(text, { environment: 'production' })
    expect(definition.version).toBe('1.0.1')
    expect(definition.steps.map((step) => [step.name, step.dependsOn, step.retryLimit])).toEqual([
      ['a', [], 3],
      ['b', ['a'], 9],
      ['audit', ['b'], 3],
    ])
    expect(definition.steps[0]?.handlerConfig).toEqual({
      hosts: ['c'],
      deep: { kept: 1, changed: 2 },
    })
  })

  test('a block that is not selected changes nothing', () => {
    const { version, steps } = read(text)
    expect([version, steps.length]).toEqual(['1.0.0', 2])
  })

  test('every block is checked, selected or not', () => {
    const faulty = `
      name: x
      step_templates:
        - name: a
          handler_class: Ok
      environments:
        staging:
          step_templates:
            - name: a
              retry_limit: 2
            - name: extra
              depends_on_step: nope
        production:
          configuration:
            priority: urgent
      `
    const expected = [
      '9:9 environments.staging.step_templates.0.retry_limit: "retry_limit" is not a known key here; ' +
        'did you mean "default_retry_limit"?',
      '10:9 step_templates.1: the step has no `handler_class`',
      '11:9 step_templates.1.depends_on_step: "nope" is not a step of this task',
      '14:7 configuration.priority: expected critical, high, normal, low; received "urgent"',
    ]
    for (const environment of ['staging', 'production', 'other']) {
      expect(faultsIn(faulty, { environment }).map(shorten)).toEqual(expected.map(shorten))
    }
  })

  test('a fault of the base is reported once, however many blocks share it', () => {
    expect(
      faultsIn(`
        name: x
        step_templates:
          - name: a
            handler_class: Ok
            depends_on_step: b
        environments:
          one: { description: one }
          two: { description: two }
      `),
    ).toEqual(['5:5 step_templates.0.depends_on_step: "b" is not a step of this task'])
  })
})

describe('variables', () => {
  const text = `
    name: x
    version: \${VERSION:-1.2.3}
    configuration:
      priority: \${PRIORITY:-low}
      max_execution_time: \${MAX_SECONDS:-60}
    step_templates:
      - name: a
        handler_class: Ok
        default_retry_limit: \${LIMIT:-4}
        default_retryable: \${RETRYABLE:-true}
        handler_config:
          api_key: \${API_KEY}
          url: https://\${HOST:-localhost}:\${PORT:-80}/
          literal: $\${NOT_ME}
    environments:
      production:
        handler_config: { region: "\${REGION}" }
    `

  test('values are filled in, defaults where they are not set or empty', () => {
    const env = { API_KEY: 'k', LIMIT: '7', RETRYABLE: 'false', PRIORITY: '' }
    const definition = read(text, { env })
    expect(definition).toMatchObject({ version: '1.2.3', priority: 'low', maxExecutionMs: 60_000 })
    expect(definition.steps[0]).toMatchObject({ retryLimit: 7, retryable: false })
  })

  test('a handler gets them filled in; what is stored and digested does not hold the secret', async () => {
    const one = read(text, { env: { API_KEY: 'secret-1' } })
    const two = read(text, { env: { API_KEY: 'secret-2' } })
    expect(one.digest).toBe(two.digest)
    expect(JSON.stringify(one.steps)).not.toContain('secret-1')
    const stored = { config: one.steps[0]?.handlerConfig ?? null }
    expect(await run(one, 'a', stored)).toEqual({
      ok: true,
      config: { api_key: 'secret-1', url: 'https://localhost:80/', literal: '${NOT_ME}' },
    })
  })

  test('a variable that is not set is named with its place, once; blocks not selected are let be', () => {
    expect(faultsIn(text)).toEqual(
      [
        '12:7 order.yaml: step_templates.0.handler_config.api_key: the variable API_KEY is not set; ' +
          'set it, or write ${API_KEY:-default}',
      ].map((fault) => fault.replace('order.yaml: ', '')),
    )
    const production = faultsIn(text, { environment: 'production', env: { API_KEY: 'k' } })
    expect(production).toEqual([
      '17:23 handler_config.region: the variable REGION is not set; set it, or write ${REGION:-default}',
    ])
  })

  test('a value that is no number where one is wanted is a fault of its place', () => {
    expect(faultsIn(text, { env: { API_KEY: 'k', LIMIT: 'many' } })).toEqual([
      expect.stringMatching(
        /^9:5 step_templates.0.default_retry_limit: expected an integer .* "many"$/,
      ),
    ])
  })

  test('what is not a variable is named', () => {
    const [fault] = faultsIn('name: x-${A B}\nstep_templates: [{name: a, handler_class: Ok}]')
    expect(fault).toContain('1:1 name: ${A B} is not a variable; write ${NAME}')
  })

  test('members of every object are not variables', () => {
    const [fault] = faultsIn('name: ${constructor}\nstep_templates: [{name: a, handler_class: Ok}]')
    expect(fault).toContain('the variable constructor is not set')
  })
})

function shorten(fault: string): string {
  return fault.replace(/^(\d+:\d+) \S+: /, '$1 ')
}
