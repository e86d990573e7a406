// Steps 2 and 3, at the same time: billing and preferences of the new user. One that is there already will do.
import type { StepSequence, HandledTask } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { ServiceStep } from './service-step.ts'

const account = z.object({ user_id: z.int(), plan: z.string() })
const profile = z.object({ profile_id: z.string(), plan: z.string() })
const stored = z.object({ preferences_id: z.string(), preferences: z.record(z.string(), z.json()) })

export class SetupBillingProfile extends ServiceStep {
  override async process(_task: HandledTask, sequence: StepSequence) {
    const { user_id, plan } = account.parse(
      this.getPreviousStepData(sequence, 'create_user_account'),
    )
    const { payment_method, billing_address } = this.registration.billing_info
    const response = await this.call({
      user_id,
      plan,
      payment_method: payment_method ?? null,
      billing_address,
    })
    const isNew = response.status !== 409
    const made = isNew
      ? readAnswer(profile, response)
      : { profile_id: `existing_profile_${user_id}`, plan }
    const status = isNew ? 'created' : 'already_exists'
    return { ...made, user_id, status, ...this.traceOf(response) }
  }
}

export class InitializePreferences extends ServiceStep {
  override async process(_task: HandledTask, sequence: StepSequence) {
    const { user_id } = account.parse(this.getPreviousStepData(sequence, 'create_user_account'))
    const { preferences, user_info } = this.registration
    const wanted = {
      marketing_consent: preferences.marketing_emails,
      newsletter_frequency: preferences.newsletter ? 'weekly' : 'never',
      notification_settings: { email: preferences.product_updates, sms: false, push: true },
      theme: 'light',
      language: 'en',
      timezone: user_info.timezone,
    }
    const response = await this.call({ user_id, ...wanted })
    const isNew = response.status !== 409
    const made = isNew
      ? readAnswer(stored, response)
      : { preferences_id: `existing_prefs_${user_id}`, preferences: wanted }
    const status = isNew ? 'created' : 'already_exists'
    return { ...made, user_id, status, ...this.traceOf(response) }
  }
}
