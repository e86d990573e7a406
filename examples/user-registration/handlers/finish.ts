// Steps 4 and 5: the welcome, then the account is told that its registration is complete.
import { PermanentError, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import type { Plan } from '../context.ts'
import { ServiceStep } from './service-step.ts'

const featuresOf: Readonly<Record<Plan, readonly string[]>> = {
  free: ['basic_features', 'community_support'],
  pro: ['analytics', 'priority_support', 'integrations'],
  enterprise: [
    'advanced_analytics',
    'priority_support',
    'custom_integrations',
    'dedicated_account_manager',
  ],
}

const firstSteps = ['complete_profile', 'verify_email', 'tour_dashboard']
const furtherStepsOf: Readonly<Record<Plan, readonly string[]>> = {
  free: ['upgrade_prompt'],
  pro: ['setup_integrations', 'configure_analytics'],
  enterprise: ['schedule_onboarding_call', 'setup_sso', 'configure_integrations'],
}

const sequenceOf = z.object({
  sequence_id: z.string(),
  notifications: z.array(z.object({ id: z.string() })),
})

export class SendWelcomeSequence extends ServiceStep {
  protected override readonly patienceMs = 30_000

  override async process(_task: HandledTask, sequence: StepSequence) {
    const user_id = z
      .int()
      .parse(this.getPreviousStepData(sequence, 'setup_billing_profile', 'user_id'))
    const { user_info, plan_type: plan } = this.registration
    const response = await this.call({
      user_id,
      plan,
      email: user_info.email,
      name: user_info.name,
      features: [...featuresOf[plan]],
      onboarding_steps: [...firstSteps, ...furtherStepsOf[plan]],
    })
    const { sequence_id, notifications } = readAnswer(sequenceOf, response)
    return {
      sequence_id,
      user_id,
      plan,
      emails_sent: notifications.length,
      email_ids: notifications.map(({ id }) => id),
      ...this.traceOf(response),
    }
  }
}

const completedSteps = [
  'create_user_account',
  'setup_billing_profile',
  'initialize_preferences',
  'send_welcome_sequence',
]

export class UpdateUserStatus extends ServiceStep {
  override async process(_task: HandledTask, sequence: StepSequence) {
    const user_id = z
      .int()
      .parse(this.getPreviousStepData(sequence, 'send_welcome_sequence', 'user_id'))
    const completion_timestamp = new Date().toISOString()
    const response = await this.#update({
      status: 'registration_complete',
      completed_steps: completedSteps,
      completion_timestamp,
    })
    return {
      user_id,
      status: 'registration_complete',
      completed_steps: completedSteps,
      registration_complete: true,
      completion_timestamp,
      ...this.traceOf(response),
    }
  }

  async #update(body: Parameters<ServiceStep['call']>[0]) {
    try {
      return await this.call(body)
    } catch (error) {
      if (!(error instanceof PermanentError && error.code === 'RESOURCE_NOT_FOUND')) throw error
      const { message, context } = error
      throw new PermanentError(message, { code: 'USER_NOT_FOUND', context, cause: error })
    }
  }
}
