// Faults of `type: api` in YAML: each with its line, and what the first generation's keys became.
import { expect, test } from 'vitest'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { faultsIn, ok, read } from '../definitions/read-yaml.ts'

class Own extends ApiStepHandler {}
const handlers = { Own, ok }

const text = (config: string, rest = ''): string =>
  `
name: a
step_templates:
  - name: send
    handler_class: Own${rest}
    handler_config:
      type: api
      url: https://shop.example.com${config.replaceAll(/^ {4}/gm, '      ')}
`

test('the keys of the first generation that say nothing new are accepted', () => {
  const accepted = `
    params: { a: 1 }
    ssl: null
    headers: null
    enable_exponential_backoff: true
    retry_delay:
    jitter_factor:
    x-note: mine`
  expect(read(text(accepted), { handlers }).steps).toHaveLength(1)
})

test('the others are refused with what to write instead, in the line where they stand', () => {
  const refused = `
    ssl: { verify: false }
    enable_exponential_backoff: false
    retry_delay: 2.5
    jitter_factor: 0.3
    timeout: 15
    retries: 3
    max_concurrent_requests: 5
    rate_limit_per_second: 10
    dependent_systems: [shop]`
  expect(faultsIn(text(refused), { handlers })).toEqual([
    '8:7 step_templates.0.handler_config.ssl: write `tls`: ca, cert and key as PEM text, reject_unauthorized, servername',
    '9:7 step_templates.0.handler_config.enable_exponential_backoff: waits between attempts always grow; `backoff.defaultBackoffSeconds` says how',
    '10:7 step_templates.0.handler_config.retry_delay: remove it: it had no effect; waits between attempts are `backoff.defaultBackoffSeconds`',
    '11:7 step_templates.0.handler_config.jitter_factor: remove it: it had no effect; jitter is `backoff.jitterMaxPercentage`',
    '12:7 step_templates.0.handler_config.timeout: write `timeouts` with connect_ms, total_ms and idle_ms',
    '13:7 step_templates.0.handler_config.retries: write `default_retry_limit` (in code `retry.limit`) of the step: the engine alone tries again',
    '14:7 step_templates.0.handler_config.max_concurrent_requests: it is of the system: `dependentSystems.<name>` of createTasker',
    '15:7 step_templates.0.handler_config.rate_limit_per_second: it is of the system: `dependentSystems.<name>` of createTasker',
    '16:7 step_templates.0.handler_config.dependent_systems: name one with `dependent_system` of the step; its limits are `dependentSystems` of createTasker',
  ])
})

test('every fault at once, nested ones in their own line', () => {
  const faulty = `
    pth: /x
    base_url: https://other
    method: 7
    timeouts:
      total_ms: 0
    headers:
      Authorization: Bearer abc
    body:
      to: '{results.cart.id}'
    response_schema: { requird: [id] }`
  expect(faultsIn(text(faulty), { handlers })).toEqual([
    '8:7 step_templates.0.handler_config.pth: "pth" is not a known key here; did you mean "path"?',
    '9:7 step_templates.0.handler_config.base_url: says the same as `url`; keep one of them',
    expect.stringMatching(/^10:7 .*method: expected GET, .* received number 7$/) as unknown,
    '12:9 step_templates.0.handler_config.timeouts.total_ms: expected milliseconds from 1 to 86400000, received number 0',
    expect.stringMatching(/^14:9 .*Authorization: holds a credential as text/) as unknown,
    expect.stringMatching(
      /^16:9 .*body\.to: \{results\.cart\.id\} reads a step that this one does not depend on/,
    ) as unknown,
    expect.stringMatching(/^17:7 .*response_schema: unknown keyword: "requird"/) as unknown,
  ])
})

test('a step without a class needs type: api, and then its configuration is checked', () => {
  const bare = `
    name: a
    step_templates:
      - name: send
        handler_config: { url: https://shop.example.com }
      - name: call
        handler_config: { type: api, path: /x }
      - name: none
        handler_config: { type: soap }
  `
  expect(faultsIn(bare, { handlers })).toEqual([
    '3:5 step_templates.0: the step has no `handler_class`',
    '6:5 step_templates.1.handler_config: has no `base_url` (in code `baseUrl`), the address of the other system',
    '7:5 step_templates.2: the step has no `handler_class`',
  ])
})

test('the base URL of the task is the base URL of its steps, and environments are checked too', () => {
  const inherited = `
    name: a
    handler_config: { type: api, base_url: https://shop.example.com }
    step_templates:
      - name: one
        handler_config: { path: /one }
      - name: two
        handler_config: { path: '/two/{context.id}' }
    environments:
      production:
        step_templates:
          - name: two
            handler_config: { path: '/{order}' }
  `
  expect(faultsIn(inherited, { handlers })).toEqual([
    expect.stringMatching(
      /^12:27 step_templates\.1\.handler_config\.path: \{order\} is not a value/,
    ) as unknown,
  ])
})

test('a step takes out what the configuration of the task says for other handlers', () => {
  const mixed = (own: string): string => `
    name: a
    handler_config: { template: hello }
    step_templates:
      - name: call
        handler_config: { type: api, url: https://shop.example.com${own} }
  `
  expect(faultsIn(mixed(''), { handlers })).toEqual([
    expect.stringContaining('template: "template" is not a known key here') as unknown,
  ])
  expect(read(mixed(', template: null'), { handlers }).steps).toHaveLength(1)
})

test('a handler that is no API step gets the map as it is', () => {
  const plain = text('\n    timeout: 15').replace('Own', 'ok')
  expect(read(plain, { handlers }).steps[0]?.handlerConfig).toMatchObject({ timeout: 15 })
})
