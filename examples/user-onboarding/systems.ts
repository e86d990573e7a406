// Stands for the accounts, for the desk where people approve registrations, and for the mail of welcome.
import { z } from 'zod'
import { idFor, StubSystem } from '../stub-system.ts'

/** Somebody has decided when asked for the so-manieth time. */
const decidesAtLook = 3

/** Fresh ones, not yet started. */
export function onboardingSystems() {
  return {
    accounts: accounts(),
    signup_approvals: approvals(),
    welcome_mail: new StubSystem('welcome_mail', {
      'POST /mails': (call) => ({
        status: 202,
        body: { mail_id: idFor('mail', call), delivery_status: 'sent' },
      }),
    }),
  }
}

export type OnboardingSystems = ReturnType<typeof onboardingSystems>

const registration = z.object({ email: z.string(), username: z.string(), is_active: z.boolean() })
type User = z.output<typeof registration> & { readonly id: number }

function accounts(): StubSystem {
  let users: readonly User[] = [
    { id: 1, email: 'admin@example.com', username: 'admin', is_active: true },
    { id: 2, email: 'test@example.com', username: 'testuser', is_active: true },
  ]
  return new StubSystem('accounts', {
    'GET /users/search': ({ query: { q = '' } }) => ({
      body: { users: users.filter(({ email, username }) => [email, username].includes(q)) },
    }),
    'POST /users/add': ({ body }) => {
      const user = { id: users.length + 1, ...registration.parse(body) }
      users = [...users, user]
      return { status: 201, body: user }
    },
    'PUT /users/:id/activation': ({ params: { id = '' }, body }) => {
      const { approved_by } = z.object({ approved_by: z.string() }).parse(body)
      const found = users.find((user) => user.id === Number(id))
      if (found === undefined) return { status: 404, body: { error: 'no such user' } }
      const active = { ...found, is_active: true }
      users = users.map((user) => (user.id === active.id ? active : user))
      return { body: { ...active, approved_by } }
    },
  })
}

function approvals(): StubSystem {
  const looks = new Map<string, number>()
  return new StubSystem('signup_approvals', {
    'POST /approvals': (call) => ({
      status: 201,
      body: { approval_id: idFor('approval', call), status: 'pending' },
    }),
    'GET /approvals/:id': ({ params: { id = '' } }) => {
      const look = (looks.get(id) ?? 0) + 1
      looks.set(id, look)
      const isDecided = look >= decidesAtLook
      return {
        body: isDecided
          ? { approval_id: id, status: 'approved', decided_by: 'dana', note: 'known to sales' }
          : { approval_id: id, status: 'pending' },
      }
    },
  })
}
