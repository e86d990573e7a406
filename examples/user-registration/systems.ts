// Stands for four services of other teams: users, billing, preferences, notifications. Each keeps what it was told, refuses
// what it has already, and answers with the headers that its team agreed on.
import type { Json, JsonObject } from '@tasker/engine'
import { z } from 'zod'
import { idFor, StubSystem, type StubAnswer, type StubRoute } from '../stub-system.ts'

/** Fresh ones, not yet started. */
export function registrationSystems() {
  return {
    user_service: userService(),
    billing_service: billingService(),
    preferences_service: preferencesService(),
    notification_service: notificationService(),
  }
}

export type RegistrationSystems = ReturnType<typeof registrationSystems>

/** Every answer says whose it is and how long it took. */
function service(name: string, routes: Readonly<Record<string, StubRoute>>): StubSystem {
  const headers = { 'x-service': name, 'x-version': '1.0.0', 'x-response-time': '12ms' }
  const answered = Object.entries(routes).map(([route, act]): [string, StubRoute] => [
    route,
    async (call) => {
      const answer = await act(call)
      return { ...answer, headers: { ...headers, ...answer.headers } }
    },
  ])
  return new StubSystem(name, Object.fromEntries(answered))
}

const refuse = (status: number, error: string): StubAnswer => ({ status, body: { error } })

const newUser = z.looseObject({ email: z.email(), name: z.string(), plan: z.string() })
const ofUser = z.looseObject({ user_id: z.int() })

function userService(): StubSystem {
  const users: (z.output<typeof newUser> & { id: number; status: Json; created_at: string })[] = []
  return service('user_service', {
    'POST /users': ({ body, at }) => {
      const read = newUser.safeParse(body)
      if (!read.success) return refuse(422, 'an email, a name and a plan are needed')
      const { email, name, plan } = read.data
      if (users.some((user) => user.email === email)) return refuse(409, 'the email is taken')
      const created_at = at.toISOString()
      const user = { id: users.length + 1, email, name, plan, status: 'created', created_at }
      users.push(user)
      return { status: 201, body: user }
    },
    'GET /users': ({ query }) => {
      const user = users.find(({ email }) => email === query['email'])
      if (user === undefined) return refuse(404, 'no such user')
      const { id, email, name, plan, created_at } = user
      return { body: { id, email, name, plan, created_at } }
    },
    'PATCH /users/:id/status': ({ params, body }) => {
      const user = users.find(({ id }) => String(id) === params['id'])
      if (user === undefined) return refuse(404, 'no such user')
      user.status = z.looseObject({ status: z.string() }).parse(body).status
      return { body: { id: user.id, status: user.status } }
    },
  })
}

function billingService(): StubSystem {
  const profiles = new Map<number, JsonObject>()
  const request = ofUser.extend({ plan: z.string(), payment_method: z.string().nullable() })
  return service('billing_service', {
    'POST /profiles': (call) => {
      const { user_id, plan, payment_method } = request.parse(call.body)
      if (profiles.has(user_id)) return refuse(409, 'there is a profile')
      if (plan !== 'free' && payment_method === null) {
        return refuse(402, `the plan ${plan} needs a payment method`)
      }
      const profile = { profile_id: idFor('profile', call), user_id, plan, status: 'active' }
      profiles.set(user_id, profile)
      return { status: 201, body: profile }
    },
  })
}

const preferencesAtFirst: JsonObject = { theme: 'light', privacy: 'standard', dashboard: 'default' }

function preferencesService(): StubSystem {
  const known = new Map<number, JsonObject>()
  return service('preferences_service', {
    'POST /preferences': (call) => {
      const { user_id, ...wanted } = ofUser.parse(call.body) as JsonObject & { user_id: number } // JSON it was
      if (known.has(user_id)) return refuse(409, 'there are preferences')
      const preferences = { ...preferencesAtFirst, ...wanted }
      known.set(user_id, preferences)
      return { status: 201, body: { preferences_id: idFor('prefs', call), user_id, preferences } }
    },
  })
}

const minuteMs = 60_000
const notificationsAMinuteMax = 10

function notificationService(): StubSystem {
  const sent = new Map<number, readonly number[]>()
  const request = ofUser.extend({ plan: z.string() })
  return service('notification_service', {
    'POST /sequences': (call) => {
      const { user_id, plan } = request.parse(call.body)
      const now = call.at.getTime()
      const lately = (sent.get(user_id) ?? []).filter((at) => now - at < minuteMs)
      const templates = welcomeTemplates(plan)
      if (lately.length + templates.length > notificationsAMinuteMax) {
        return { ...refuse(429, 'too many notifications'), headers: { 'retry-after': '60' } }
      }
      sent.set(user_id, [...lately, ...templates.map(() => now)])
      const sequence_id = idFor('seq', call)
      const notifications = templates.map(([template, after_hours], index) => ({
        id: `${sequence_id}_${index + 1}`,
        template,
        after_hours,
        priority: after_hours === 0 ? 'high' : 'normal',
      }))
      return { status: 201, body: { sequence_id, notifications } }
    },
  })
}

type Template = readonly [name: string, afterHours: number]

/** What is sent at once and later, by plan. */
const templatesOf: Readonly<Record<string, readonly Template[]>> = {
  enterprise: [
    ['enterprise_welcome', 0],
    ['onboarding', 1],
  ],
  pro: [
    ['pro_welcome', 0],
    ['feature_tour', 2],
  ],
}

const welcomeTemplates = (plan: string): readonly Template[] => [
  ...(templatesOf[plan] ?? [['standard_welcome', 0]]),
  ['tips', 24],
]
