// The sixteen workflow shapes of the engine specification §9.1, as names, edges, retry limits and built-in failures. Data
// only: `defineShape` makes a definition of one.

export interface ShapeStep {
  readonly name: string
  readonly dependsOn: readonly string[]
  /** Default 3. */
  readonly retryLimit?: number
}

export interface Shape {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly steps: readonly ShapeStep[]
}

export type ShapeId =
  'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'N' | 'O' | 'P'

const step = (name: string, ...dependsOn: readonly string[]): ShapeStep => ({ name, dependsOn })

const limited = (retryLimit: number, name: string, ...dependsOn: readonly string[]): ShapeStep => ({
  name,
  dependsOn,
  retryLimit,
})

const chain = (names: readonly string[], limits: readonly number[] = []): readonly ShapeStep[] =>
  names.map((name, index) => {
    const parent = names[index - 1]
    const dependsOn = parent === undefined ? [] : [parent]
    const retryLimit = limits[index]
    return retryLimit === undefined ? { name, dependsOn } : { name, dependsOn, retryLimit }
  })

const shape = (
  name: string,
  steps: readonly ShapeStep[],
  address: { readonly namespace?: string; readonly version?: string } = {},
): Shape => ({ namespace: 'default', version: '0.1.0', ...address, name, steps })

export const shapes: Readonly<Record<ShapeId, Shape>> = {
  A: shape(
    'linear_workflow_task',
    chain([
      'initialize_data',
      'validate_input',
      'process_data',
      'transform_results',
      'validate_output',
      'finalize_workflow',
    ]),
  ),
  B: shape('diamond_workflow_task', [
    step('start_workflow'),
    step('branch_one_process', 'start_workflow'),
    step('branch_two_process', 'start_workflow'),
    step('branch_one_validate', 'branch_one_process'),
    step('branch_two_validate', 'branch_two_process'),
    step('merge_branches', 'branch_one_validate', 'branch_two_validate'),
    step('end_workflow', 'merge_branches'),
  ]),
  C: shape('parallel_merge_workflow_task', [
    step('fetch_user_data'),
    step('fetch_order_data'),
    step('fetch_inventory_data'),
    step('fetch_pricing_data'),
    step('process_user_data', 'fetch_user_data'),
    step('process_order_data', 'fetch_order_data'),
    step(
      'merge_all_data',
      'process_user_data',
      'process_order_data',
      'fetch_inventory_data',
      'fetch_pricing_data',
    ),
  ]),
  D: shape('tree_workflow_task', [
    step('root_initialization'),
    step('branch_a_setup', 'root_initialization'),
    step('branch_b_setup', 'root_initialization'),
    step('a_task_one', 'branch_a_setup'),
    step('a_task_two', 'branch_a_setup'),
    step('b_task_one', 'branch_b_setup'),
    step('b_task_two', 'branch_b_setup'),
    step('aggregate_results', 'a_task_one', 'a_task_two', 'b_task_one', 'b_task_two'),
  ]),
  E: shape('mixed_workflow_task', [
    step('init_auth'),
    step('init_config'),
    step('validate_permissions', 'init_auth'),
    step('setup_environment', 'init_config'),
    step('begin_processing', 'validate_permissions', 'setup_environment'),
    step('cleanup_temp_files', 'setup_environment'),
    step('process_critical_data', 'begin_processing'),
    step('process_optional_data', 'begin_processing'),
    step('finalize_and_report', 'process_critical_data', 'cleanup_temp_files'),
  ]),
  F: shape('configurable_failure_task', chain(['reliable', 'flaky', 'timeout', 'idempotent'])),
  G: shape('dummy_task', [step('step-one'), ...chain(['step-two', 'step-three', 'step-four'])]),
  H: shape('api_integration_task', [
    step('fetch_cart'),
    step('fetch_products'),
    step('validate_products', 'fetch_cart', 'fetch_products'),
    step('create_order', 'validate_products'),
    step('publish_event', 'create_order'),
  ]),
  I: shape('simple_linear', chain(['step_1', 'step_2', 'step_3'])),
  J: shape('parallel_workflow', [
    step('initialize_batch'),
    step('process_chunk_1', 'initialize_batch'),
    step('process_chunk_2', 'initialize_batch'),
    step('process_chunk_3', 'initialize_batch'),
    step('aggregate_results', 'process_chunk_1', 'process_chunk_2', 'process_chunk_3'),
  ]),
  K: shape('concurrent_test_task', [
    step('step-one'),
    step('step-two'),
    step('step-three', 'step-one', 'step-two'),
  ]),
  L: shape(
    'order_processing',
    chain(
      ['validate_cart', 'process_payment', 'update_inventory', 'create_order', 'send_confirmation'],
      [3, 3, 2, 3, 5],
    ),
  ),
  M: shape('customer_analytics', [
    limited(3, 'extract_orders'),
    limited(5, 'extract_users'),
    limited(3, 'extract_products'),
    limited(2, 'transform_customer_metrics', 'extract_orders', 'extract_users'),
    limited(2, 'transform_product_metrics', 'extract_orders', 'extract_products'),
    limited(3, 'generate_insights', 'transform_customer_metrics', 'transform_product_metrics'),
    limited(3, 'update_dashboard', 'generate_insights'),
    limited(5, 'send_notifications', 'update_dashboard'),
  ]),
  N: shape('user_registration', [
    limited(3, 'create_user_account'),
    limited(3, 'setup_billing_profile', 'create_user_account'),
    limited(3, 'initialize_preferences', 'create_user_account'),
    limited(5, 'send_welcome_sequence', 'setup_billing_profile', 'initialize_preferences'),
    limited(2, 'update_user_status', 'send_welcome_sequence'),
  ]),
  O: shape(
    'process_refund',
    chain(
      [
        'validate_payment_eligibility',
        'process_gateway_refund',
        'update_payment_records',
        'notify_customer',
      ],
      [3, 2, 3, 5],
    ),
    { namespace: 'payments', version: '2.1.0' },
  ),
  P: shape(
    'process_refund',
    chain(
      [
        'validate_refund_request',
        'check_refund_policy',
        'get_manager_approval',
        'execute_refund_workflow',
        'update_ticket_status',
      ],
      [3, 2, 1, 3, 3],
    ),
    { namespace: 'customer_success', version: '1.3.0' },
  ),
}

/**
 * Attempts that fail before the first that succeeds, as the shapes have them built in. Steps that are not named, and
 * shapes whose failures each test injects, fail never.
 */
export const shapeFailures: Readonly<Partial<Record<ShapeId, Readonly<Record<string, number>>>>> = {
  A: { process_data: 1 },
  B: { branch_one_process: 1, branch_two_process: 1 },
  C: { fetch_order_data: 1, fetch_inventory_data: 1, merge_all_data: 1 },
  D: { branch_b_setup: 1, a_task_two: 1, b_task_two: 1 },
  E: { validate_permissions: 1, setup_environment: 1, process_critical_data: 2 },
  F: { flaky: 2, timeout: 1 },
}
