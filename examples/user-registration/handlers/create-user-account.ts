// Step 1: the account. Who is there already under this email is taken for the same person when name and plan agree.
import { PermanentError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { ServiceStep } from './service-step.ts'

const user = z.object({
  id: z.int(),
  email: z.email(),
  name: z.string(),
  plan: z.string(),
  created_at: z.string(),
})

export class CreateUserAccount extends ServiceStep {
  override async process() {
    const { user_info, preferences } = this.registration
    const { email, name, plan } = user_info
    const response = await this.call({
      email,
      name,
      plan,
      phone: user_info.phone ?? null,
      referral_code: user_info.referral_code ?? null,
      marketing_consent: preferences.marketing_emails,
      source: user_info.source,
    })
    const isNew = response.status !== 409
    const found = readAnswer(user, isNew ? response : await this.#findBy(email))
    if (!isNew && (found.name !== name || found.plan !== plan)) {
      throw new PermanentError('Somebody else is registered under this email.', {
        code: 'USER_CONFLICT',
      })
    }
    return {
      user_id: found.id,
      email: found.email,
      plan: found.plan,
      created_at: found.created_at,
      status: isNew ? 'created' : 'already_exists',
      ...this.traceOf(response),
    }
  }

  async #findBy(email: string) {
    return this.request({ method: 'GET', query: { email } })
  }
}
