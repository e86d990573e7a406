// Reads the definition from YAML and gives it its handlers and hooks.
import { loadDefinition } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import { CreateUserAccount } from './handlers/create-user-account.ts'
import { SendWelcomeSequence, UpdateUserStatus } from './handlers/finish.ts'
import { InitializePreferences, SetupBillingProfile } from './handlers/set-up.ts'
import { UserRegistration } from './registration.ts'
import type { RegistrationSystems } from './systems.ts'

/** `addresses` are the variables of the file: in production they come from the environment. */
export async function defineUserRegistration(addresses: Addresses<RegistrationSystems>) {
  return loadDefinition(new URL('user_registration.yaml', import.meta.url), {
    handlers: {
      UserRegistration,
      CreateUserAccount,
      SetupBillingProfile,
      InitializePreferences,
      SendWelcomeSequence,
      UpdateUserStatus,
    },
    env: addresses,
  })
}
