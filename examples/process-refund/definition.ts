// Two definitions of one name, one for each team, read from the YAML file that the team keeps.
import { loadDefinition } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import * as ask from './handlers/ask-payments.ts'
import * as decide from './handlers/decide.ts'
import * as pay from './handlers/pay.ts'
import type { RefundSystems } from './systems.ts'
import { doorToken } from './task-door.ts'

/** `addresses` are the variables of the files: in production they come from the environment. */
export async function defineRefunds(addresses: Addresses<RefundSystems>) {
  const options = {
    environment: process.env['NODE_ENV'] === 'production' ? 'production' : 'development',
    env: { PAYMENTS_API_TOKEN: doorToken, ...addresses },
  }
  return {
    payments: await loadDefinition(new URL('payments_process_refund.yaml', import.meta.url), {
      ...options,
      handlers: pay,
    }),
    customerSuccess: await loadDefinition(
      new URL('customer_success_process_refund.yaml', import.meta.url),
      { ...options, handlers: { ...decide, ...ask } },
    ),
  }
}
