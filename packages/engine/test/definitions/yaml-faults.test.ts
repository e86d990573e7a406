// What a YAML definition may not be: every fault at once, with line, column and the cure.
import { describe, expect, test } from 'vitest'
import { errorOf } from './errors.ts'
import { faultsIn, Ok, read } from './read-yaml.ts'

describe('faults', () => {
  test('wrong keys say what is meant', () => {
    const faults = faultsIn(`
      name: x
      namespace: payments
      step_template: []
      steps:
        - name: a
      step_templates:
        - name: a
          handler: Ok
          handler_class: Ok
          depends_on: [b]
          retry_limit: 2
          timeout: 5
          custom_events:
            - nam: order.done
    `)
    const hints = [
      '2:1 namespace: "namespace" is not a known key here; did you mean "namespace_name"?',
      '3:1 step_template: "step_template" is not a known key here; did you mean "step_templates"?',
      '4:1 steps: "steps" is not a known key here; did you mean "step_templates"?',
      '8:5 step_templates.0.handler: "handler" is not a known key here; did you mean "handler_class"?',
      '10:5 step_templates.0.depends_on: "depends_on" is not a known key here; did you mean "depends_on_steps"?',
      '11:5 step_templates.0.retry_limit: "retry_limit" is not a known key here; did you mean "default_retry_limit"?',
      '12:5 step_templates.0.timeout: "timeout" is not a known key here; did you mean "timeout_seconds"?',
    ]
    for (const hint of hints) expect(faults).toContain(hint)
    expect(faults).toContainEqual(expect.stringMatching(/^14:\d+ .*"nam" is not a known key/))
    expect(faults).toContainEqual(expect.stringMatching(/^14:\d+ .*the event has no `name`/))
  })

  test('wrong types, unknown names, cycles and missing handlers all come at once, with their lines', () => {
    const faults = faultsIn(`
      name: 7
      version: 1.10
      concurrent: false
      configuration:
        max_execution_time: soon
      step_templates:
        - name: a
          handler_class: Okk
          depends_on_step: b
          default_retry_limit: 0
        - name: b
          depends_on_steps: [a, c]
          handler_class: Nowhere::To::Be::Found
          timeout_ms: 5
          timeout_seconds: 5
        - name: b
          handler_class: Ok
          default_retryable: "yes"
          transaction: true
    `)
    expect(faults).toEqual([
      '1:1 name: expected a string, received number 7; put it in quotes',
      '2:1 version: expected a string, received number 1.1; put it in quotes',
      expect.stringMatching(/^3:1 concurrent: false is not supported: .*depends_on_step/),
      '5:3 configuration.max_execution_time: expected a number, received "soon"',
      '6:1 step_templates: the dependencies form a cycle: a → b → a',
      '8:5 step_templates.0.handler_class: no handler "Okk" was given; did you mean "Ok"?',
      expect.stringMatching(/^10:5 .*default_retry_limit: expected an integer from 1 to 32767/),
      '12:5 step_templates.1.depends_on_steps: "c" is not a step of this task',
      '13:5 step_templates.1.handler_class: no handler "Nowhere::To::Be::Found" was given',
      '15:5 step_templates.1.timeout_seconds: stands beside `timeout_ms`; keep one of them',
      expect.stringMatching(/^16:5 .*"b" is already the name of steps\[1\]/),
      expect.stringMatching(/^18:5 .*default_retryable: expected true or false, received "yes"/),
      expect.stringMatching(/^19:5 .*a step with a transaction needs a timeout/),
    ])
  })

  test('the message is a list that editors can link', () => {
    const error = errorOf(() => read('name: x\nstep_templates: []'))
    expect(error.message).toContain(
      'order.yaml has 1 fault:\n  - order.yaml:2:1 step_templates: expected at least one step',
    )
  })

  test('named_steps is a whitelist for names and dependencies', () => {
    const faults = faultsIn(`
      name: x
      named_steps: [a]
      step_templates:
        - name: a
          handler_class: Ok
        - name: b
          handler_class: Ok
          depends_on_step: a
        - name: a2
          handler_class: Ok
          depends_on_steps: [b]
    `)
    expect(faults).toEqual([
      '6:5 step_templates.1.name: Step template name "b" is not in the named_steps list',
      '9:5 step_templates.2.name: Step template name "a2" is not in the named_steps list',
      '11:5 step_templates.2.depends_on_steps: Dependency step "b" is not in the named_steps list',
    ])
  })

  test.each([
    ['broken YAML', 'name: [x', /YAML: /],
    ['duplicate keys', 'name: x\nname: y', /^2:1 YAML: Map keys must be unique/],
    ['an unknown anchor', 'name: *nobody', /YAML: .*nobody/],
    ['a custom tag', 'name: !!js/function "x"', /YAML: .*js\/function/],
    ['two documents', 'name: x\n---\nname: y', /YAML: .*document/],
    ['an empty file', '', /expected a map of keys, received an empty file/],
    ['a list', '- name: x', /expected a map of keys, received array/],
    [
      'not a number',
      'name: x\nconfiguration: { a: [.nan] }',
      /^2:\d+ configuration\/a\/0: expected a finite number/,
    ],
    ['templating braces', 'name: "{{ name }}"', /^1:8 YAML: \{\{: templating code/],
  ])('%s is refused', (_what, text, message) => {
    const [fault] = faultsIn(text)
    expect(fault).toMatch(message)
  })

  test('templating marks in comments are no templating', () => {
    const text = `
      # was: <%= ENV['X'] %> and {{ x }}
      name: 'x' # {{ y }}
      step_templates: [{ name: "a # b", handler_class: Ok }]
    `
    expect(read(text).steps[0]?.name).toBe('a # b')
  })

  test('an alias bomb is refused instead of filling the memory', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih'].map((pair) =>
      pair.split(''),
    )) {
      lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`)
    }
    expect(faultsIn(lines.join('\n'))[0]).toMatch(/Excessive alias count/)
  })

  test('prototype keys are keys like any other', () => {
    const { steps } = read(`
      name: x
      step_templates:
        - name: a
          handler_class: Ok
          handler_config: { __proto__: { isAdmin: true }, constructor: 1 }
    `)
    expect(JSON.stringify(steps[0]?.handlerConfig)).toBe(
      '{"__proto__":{"isAdmin":true},"constructor":1}',
    )
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
    expect(faultsIn('name: x\n__proto__: { a: 1 }\nstep_templates: []')[0]).toContain(
      '2:1 __proto__: "__proto__" is not a known key here',
    )
  })

  test('a last name that two classes have must be written in full', () => {
    class Other extends Ok {}
    const handlers = { Orders: { Charge: Ok }, Refunds: { Charge: Other } }
    const text = 'name: x\nstep_templates: [{ name: a, handler_class: Charge }]'
    expect(faultsIn(text, { handlers })[0]).toContain(
      '"Charge" could be "Orders.Charge", "Refunds.Charge"; write it in full',
    )
    expect(read(`module_namespace: Refunds\n${text}`, { handlers }).steps).toHaveLength(1)
  })

  test('a process that only checks may do without the handlers', () => {
    const text = 'name: x\nstep_templates: [{ name: a, handler_class: Elsewhere }]'
    const definition = read(text, { handlers: {}, allowMissingHandlers: true })
    expect(definition.steps).toHaveLength(1)
    expect(definition.digest).toBe(read(text, { handlers: { Elsewhere: Ok } }).digest)
  })
})
