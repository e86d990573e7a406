// Reads the definition from YAML. Only two of its six steps need a class.
import { loadDefinition } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import { AwaitApproval } from './handlers/await-approval.ts'
import { CheckDuplicateUser } from './handlers/check-duplicate-user.ts'
import type { OnboardingSystems } from './systems.ts'

/** `addresses` are the variables of the file: in production they come from the environment. */
export async function defineUserOnboarding(addresses: Addresses<OnboardingSystems>) {
  return loadDefinition(new URL('user_onboarding.yaml', import.meta.url), {
    handlers: { AwaitApproval, CheckDuplicateUser },
    environment: process.env['NODE_ENV'] === 'production' ? 'production' : 'development',
    env: addresses,
  })
}
