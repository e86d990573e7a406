// The registration of a user as an example: its services, its sample and what may go wrong. See README.md beside this file.
import { defineExample } from '../example.ts'
import { defineUserRegistration } from './definition.ts'
import sample from './sample-registration.json' with { type: 'json' }
import { registrationSystems } from './systems.ts'

export const userRegistration = defineExample({
  name: 'user-registration',
  shows: 'API steps in YAML against four services; retry-after, a circuit breaker, repeats',
  task: 'blog_examples/user_registration',
  context: sample,
  systems: registrationSystems,
  define: async (addresses) => ({ userRegistration: await defineUserRegistration(addresses) }),
  options: {
    dependentSystems: {
      user_service: { circuitBreaker: { failures: 5, halfOpenAfterMs: 10_000 } },
      billing_service: { circuitBreaker: { failures: 2, halfOpenAfterMs: 5_000 } },
      notification_service: { maxConcurrentRequests: 5, rateLimitPerSecond: 20 },
    },
  },
  faults: {
    'user-service-fails-twice': {
      shows: 'the user service fails twice: the third attempt makes the account',
      inject: ({ user_service }) =>
        user_service.inject('POST /users', { answer: { status: 500 }, times: 2 }),
    },
    'user-service-down': {
      shows: 'the user service fails for good: three attempts, and nothing else is begun',
      inject: ({ user_service }) => user_service.stub('POST /users', { status: 500 }),
    },
    'answer-lost': {
      shows: 'the account is made and the answer lost: asked again, the service remembers',
      inject: ({ user_service }) =>
        user_service.inject('POST /users', { connection: 'reset', isActedOn: true, times: 1 }),
    },
    'billing-breaker': {
      shows: 'billing fails twice, so its circuit opens: the step waits 5 s and spends no attempt',
      inject: ({ billing_service }) =>
        billing_service.inject('POST /profiles', { answer: { status: 503 }, times: 2 }),
    },
    'welcome-limited': {
      shows: 'notifications are limited: the welcome is sent 5 s later, as the service says',
      inject: ({ notification_service }) =>
        notification_service.inject('POST /sequences', {
          answer: { status: 429, headers: { 'retry-after': '5' } },
          times: 1,
        }),
    },
    'no-payment-method': {
      shows: 'an enterprise plan without a payment method: billing refuses, no welcome',
      change: (registration) => ({
        ...registration,
        user_info: { email: 'big@example.com', name: 'Big Corp', plan: 'enterprise' },
        billing_info: {},
      }),
    },
  },
})
