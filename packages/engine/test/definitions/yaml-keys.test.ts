// Every key of a YAML definition, and the examples of the developer guide.
import { describe, expect, test } from 'vitest'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { faultsIn, Ok, ok, read } from './read-yaml.ts'

describe('every key', () => {
  const text = `
    ---
    name: process_payment
    namespace_name: payments
    namespace_description: Money in and out
    version: 2.1.0
    module_namespace: Payments
    task_handler_class: ProcessPaymentHandler
    description: "Advanced payment processing"
    concurrent: true
    default_dependent_system: ledger
    named_steps: [fetch, charge, notify]
    schema:
      type: object
      required: [order_id]
      properties:
        order_id: { type: integer }
        currency: { type: string, default: EUR }
    handler_config:
      rate: 10
      http: { timeout: 5, retries: 1 }
    custom_events:
      - name: payment.seen
        description: Seen
    configuration:
      priority: high
      max_execution_time: 300
      custom_metadata:
        team: payments
    step_templates:
      - name: fetch
        handler_class: Payments::StepHandler::Fetch
      - name: charge
        description: Charges the card
        handler_class: Payments::StepHandler::Charge
        dependent_system: bank
        depends_on_step: fetch
        default_retryable: false
        default_retry_limit: 5
        skippable: true
        transaction: true
        timeout_seconds: 1.5
        priority: critical
        handler_config:
          http: { timeout: 15 }
        custom_events:
          - name: payment.charged
            description: Charged
      - name: notify
        handler_class: Payments::StepHandler::Notify
        depends_on_step: fetch
        depends_on_steps: [charge, fetch]
        timeout_ms: 2000
    `
  const StepHandlers = { Fetch: ok, Charge: ok, Notify: ok }
  const handlers = { Payments: { StepHandler: StepHandlers } }

  test('takes effect, and equals the same definition from the builder', () => {
    const config = { rate: 10, http: { timeout: 5, retries: 1 } }
    const seen = { name: 'payment.seen', description: 'Seen' }
    const dependentSystem = 'ledger'
    const built = buildDefinition(
      defineTask({
        namespace: 'payments',
        namespaceDescription: 'Money in and out',
        name: 'process_payment',
        version: '2.1.0',
        description: 'Advanced payment processing',
        priority: 'high',
        maxExecutionMs: 300_000,
        metadata: { custom_metadata: { team: 'payments' } },
        context: {
          required: ['order_id'],
          type: 'object',
          properties: {
            order_id: { type: 'integer' },
            currency: { type: 'string', default: 'EUR' },
          },
        },
      })
        .step('fetch', { config, dependentSystem, customEvents: [seen] }, ok)
        .step(
          'charge',
          {
            description: 'Charges the card',
            dependsOn: ['fetch'],
            dependentSystem: 'bank',
            retry: { limit: 5, retryable: false },
            skippable: true,
            transaction: true,
            timeoutMs: 1_500,
            priority: 'critical',
            config: { rate: 10, http: { timeout: 15, retries: 1 } },
            customEvents: [{ name: 'payment.charged', description: 'Charged' }, seen],
          },
          ok,
        )
        .step(
          'notify',
          {
            dependsOn: ['charge', 'fetch'],
            dependentSystem,
            timeoutMs: 2_000,
            config,
            customEvents: [seen],
          },
          ok,
        ),
    )
    const definition = read(text, { handlers })
    expect(definition.digest).toBe(built.digest)
    expect({ ...definition, handlers: null, contextSchema: null }).toEqual({
      ...built,
      steps: built.steps.map((step) => ({
        ...step,
        dependsOn: expect.arrayContaining([...step.dependsOn]) as unknown,
        customEvents: expect.arrayContaining([...step.customEvents]) as unknown,
      })),
      handlers: null,
      contextSchema: null,
    })
  })

  test('a step without a dependent system, anywhere, gets "unknown"', () => {
    const { steps } = read(`
      name: x
      step_templates: [{ name: a, handler_class: Ok }]
    `)
    expect(steps[0]?.dependentSystem).toBe('unknown')
  })

  test('keys that begin with x- are for the author; anchors and merges work', () => {
    const { steps } = read(`
      name: x
      x-shared: &shared
        handler_class: Ok
        default_retry_limit: 7
      step_templates:
        - <<: *shared
          name: a
        - <<: *shared
          name: b
    `)
    expect(steps.map((step) => [step.name, step.retryLimit])).toEqual([
      ['a', 7],
      ['b', 7],
    ])
  })
})

describe('the examples of the developer guide', () => {
  const orderProcess = `
    # config/tasker/tasks/payments/order_process.yaml
    ---
    name: order_process
    namespace_name: payments        # NEW: TaskNamespace organization
    version: 1.2.0                 # NEW: Semantic versioning
    module_namespace: OrderProcess  # Ruby module namespace
    task_handler_class: OrderHandler

    # JSON Schema validation for task context
    schema:
      type: object
      required:
        - order_id
        - customer_id
      properties:
        order_id:
          type: integer
        customer_id:
          type: integer
        priority:
          type: string
          enum: [low, normal, high, critical]

    # Step definitions with dependencies
    step_templates:
      - name: fetch_order
        description: Retrieve order details from database
        handler_class: OrderProcess::StepHandler::FetchOrderHandler

      - name: validate_inventory
        description: Check product availability
        depends_on_step: fetch_order
        handler_class: OrderProcess::StepHandler::ValidateInventoryHandler
        default_retryable: true
        default_retry_limit: 3

      - name: process_payment
        description: Charge customer payment method
        depends_on_step: validate_inventory
        handler_class: OrderProcess::StepHandler::ProcessPaymentHandler
        default_retryable: true
        default_retry_limit: 2

      - name: update_inventory
        description: Decrement inventory levels
        depends_on_step: process_payment
        handler_class: OrderProcess::StepHandler::UpdateInventoryHandler

      - name: send_confirmation
        description: Send order confirmation email
        depends_on_step: update_inventory
        handler_class: OrderProcess::StepHandler::SendConfirmationHandler
        default_retryable: true
        default_retry_limit: 5

    # Environment-specific overrides
    environments:
      development:
        step_templates:
          - name: process_payment
            # Use test payment processor in development
            handler_config:
              payment_processor: test

      production:
        step_templates:
          - name: process_payment
            # Production payment configuration
            handler_config:
              payment_processor: stripe
              timeout: 30
    `
  const names = [
    'FetchOrderHandler',
    'ValidateInventoryHandler',
    'ProcessPaymentHandler',
    'UpdateInventoryHandler',
    'SendConfirmationHandler',
  ]
  const bare = Object.fromEntries(names.map((name) => [name, Ok]))

  test('order_process: chain, limits and the configuration of each environment', () => {
    const configs = [undefined, 'development', 'production', 'staging'].map((environment) => {
      const options = environment === undefined ? {} : { environment }
      const { steps } = read(orderProcess, { handlers: bare, ...options })
      expect(steps.map((step) => [step.dependsOn, step.retryLimit])).toEqual([
        [[], 3],
        [['fetch_order'], 3],
        [['validate_inventory'], 2],
        [['process_payment'], 3],
        [['update_inventory'], 5],
      ])
      return steps[2]?.handlerConfig
    })
    expect(configs).toEqual([
      null,
      { payment_processor: 'test' },
      { payment_processor: 'stripe', timeout: 30 },
      null,
    ])
  })

  test.each([
    ['last names', bare],
    ['names inside the module', { StepHandler: bare }],
    ['modules', { OrderProcess: { StepHandler: bare } }],
    ['Ruby names', mapKeys(bare, (name) => `OrderProcess::StepHandler::${name}`)],
    ['dotted names', mapKeys(bare, (name) => `OrderProcess.StepHandler.${name}`)],
  ])('handlers are found by %s', (_what, handlers) => {
    expect(read(orderProcess, { handlers }).steps).toHaveLength(5)
  })

  test('api_sync: task configuration is inherited, dependent systems are kept', () => {
    const { steps } = read(
      `
      name: api_sync
      namespace_name: integrations
      version: 1.3.0
      task_handler_class: Integrations::ApiSyncHandler

      # Integration-specific settings
      handler_config:
        max_concurrent_requests: 5
        rate_limit_per_second: 10
        dependent_systems:        # External systems this task interacts with
          - salesforce_api
          - inventory_service
          - notification_queue

      step_templates:
        - name: fetch_data
          handler_class: Integrations::FetchDataHandler
          dependent_system: salesforce_api    # Step-level system identification

        - name: transform_data
          handler_class: Integrations::TransformDataHandler

        - name: upload_data
          handler_class: Integrations::UploadDataHandler
          dependent_system: inventory_service
      `,
      { handlers: { FetchDataHandler: Ok, TransformDataHandler: Ok, UploadDataHandler: Ok } },
    )
    const config = {
      max_concurrent_requests: 5,
      rate_limit_per_second: 10,
      dependent_systems: ['salesforce_api', 'inventory_service', 'notification_queue'],
    }
    expect(steps.map((step) => [step.dependentSystem, step.handlerConfig])).toEqual([
      ['salesforce_api', config],
      ['unknown', config],
      ['inventory_service', config],
    ])
  })

  test('fetch_external_data: method, timeout, retries and headers stay in the configuration', () => {
    const { steps } = read(
      `
      name: x
      step_templates:
        - name: fetch_external_data
          handler_class: OrderProcess::StepHandler::FetchExternalDataHandler
          handler_config:
            type: api
            url: https://api.external-service.com/data
            method: GET
            headers:
              Authorization: "Bearer \${API_TOKEN}"
            timeout: 15
            retries: 3
      `,
      { handlers: { FetchExternalDataHandler: Ok }, env: { API_TOKEN: 't0ken' } },
    )
    expect(steps[0]?.handlerConfig).toEqual({
      type: 'api',
      url: 'https://api.external-service.com/data',
      method: 'GET',
      headers: { Authorization: 'Bearer ${API_TOKEN}' },
      timeout: 15,
      retries: 3,
    })
  })

  test('the templating example is refused with the cure', () => {
    const faults = faultsIn(`
      step_templates:
        - name: send_notification
          handler_class: OrderProcess::SendNotificationHandler
          handler_config:
            <% if Rails.env.production? %>
            notification_service: sms_gateway
            <% else %>
            notification_service: email_only
            <% end %>
    `)
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['5:7', '7:7', '9:7'])
    expect(faults[0]).toContain('templating code is not run; use `environments`')
    expect(faults[0]).toContain('${VAR} or ${VAR:-default}')
  })

  test('the reference example of five steps has its merged test configuration', () => {
    const step = (name: string, after = '') =>
      `\n  - name: ${name}\n    handler_class: Ok${after === '' ? '' : `\n    depends_on_steps: [${after}]`}`
    const text = `name: api_integration
step_templates:${step('fetch_cart')}
    handler_config: { type: api, url: 'http://ecommerce.com/cart', params: { cart_id: 1 } }${[
      step('fetch_products'),
      step('validate_products', 'fetch_cart, fetch_products'),
      step('create_order', 'validate_products'),
      step('publish_event', 'create_order'),
    ].join('')}
environments:
  test:
    step_templates:
      - name: fetch_cart
        handler_config:
          url: http://test-api.ecommerce.com/cart
          params: { test_mode: true }
`
    expect(read(text, { environment: 'test' }).steps[0]?.handlerConfig).toEqual({
      type: 'api',
      url: 'http://test-api.ecommerce.com/cart',
      params: { cart_id: 1, test_mode: true },
    })
  })
})

function mapKeys(
  record: Readonly<Record<string, unknown>>,
  rename: (key: string) => string,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]))
}
