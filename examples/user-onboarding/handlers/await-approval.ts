// Step 4: waits until somebody has decided. Each look is one request; in between nothing runs, no slot is held and no attempt
// is spent, for as long as the task may take. An operator who settles the step by hand ends the waiting too.
import { ApiStepHandler, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'

const approval = z.object({
  approval_id: z.string(),
  status: z.enum(['pending', 'approved', 'rejected', 'expired']),
  decided_by: z.string().nullable().default(null),
  note: z.string().nullable().default(null),
})

export class AwaitApproval extends ApiStepHandler {
  override async process() {
    const { approval_id, status, decided_by, note } = readAnswer(approval, await this.request())
    switch (status) {
      case 'pending': {
        const ms = z.number().parse(this.config?.['x-look-again-seconds']) * 1_000
        const reason = `nobody has decided on ${approval_id} yet`
        return this.execution.waitUntil(new Date(Date.now() + ms), reason)
      }
      case 'approved':
        return { approval_id, approved_by: decided_by, note }
      case 'rejected':
        throw new PermanentError(`Rejected by ${decided_by}: ${note}`, {
          code: 'ONBOARDING_REJECTED',
        })
      case 'expired':
        throw new PermanentError(`${approval_id} expired.`, { code: 'APPROVAL_EXPIRED' })
      default:
        return status satisfies never
    }
  }
}
