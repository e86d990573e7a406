// Customer onboarding as an example: its systems, its sample and what may go wrong. See README.md beside this file.
import { defineExample } from '../example.ts'
import { defineUserOnboarding } from './definition.ts'
import sample from './sample-user.json' with { type: 'json' }
import { onboardingSystems } from './systems.ts'

export const userOnboarding = defineExample({
  name: 'user-onboarding',
  shows: 'an approval that waits; API steps in YAML without a class',
  task: 'customer/user_onboarding',
  context: sample,
  systems: onboardingSystems,
  define: async (addresses) => ({ userOnboarding: await defineUserOnboarding(addresses) }),
  faults: {
    rejected: {
      shows: 'somebody says no: the account is never opened',
      inject: ({ signup_approvals }) =>
        signup_approvals.inject('GET /approvals/:id', {
          answer: {
            body: {
              approval_id: 'approval_1',
              status: 'rejected',
              decided_by: 'dana',
              note: 'not a company',
            },
          },
        }),
    },
    expired: {
      shows: 'nobody decides in time: the desk lets the approval expire',
      inject: ({ signup_approvals }) =>
        signup_approvals.inject('GET /approvals/:id', {
          answer: { body: { approval_id: 'approval_1', status: 'expired' } },
        }),
    },
    'email-taken': {
      shows: 'the address is registered already: no account is made',
      change: (user) => ({ ...user, email: 'test@example.com' }),
    },
    'username-taken': {
      shows: 'the name is taken: no account is made',
      change: (user) => ({ ...user, username: 'testuser' }),
    },
    'account-answer-lost': {
      shows: 'the account is made and the answer is lost: asked again, one account',
      inject: ({ accounts }) =>
        accounts.inject('POST /users/add', { connection: 'reset', isActedOn: true, times: 1 }),
    },
    'approvals-down': {
      shows: 'the desk is not there while we wait: that costs attempts, waiting does not',
      inject: ({ signup_approvals }) =>
        signup_approvals.inject('GET /approvals/:id', { answer: { status: 503 }, times: 2 }),
    },
    'mail-fails-twice': {
      shows: 'the mail is not taken twice: the account is open all the same',
      inject: ({ welcome_mail }) =>
        welcome_mail.inject('POST /mails', { answer: { status: 500 }, times: 2 }),
    },
  },
})
