// The hooks of the registration: its schema, and what is noted about a registration that is complete.
import {
  TaskHandler,
  type AnnotatedTask,
  type CompletedSequence,
  type CompletedStep,
} from '@tasker/engine'
import { z } from 'zod'
import { registrationContext } from './context.ts'

const timed = z.object({ service_response_time: z.string().nullable() })

export class UserRegistration extends TaskHandler {
  override schema() {
    return registrationContext
  }

  override updateAnnotations(
    task: AnnotatedTask,
    sequence: CompletedSequence,
    steps: readonly CompletedStep[],
  ) {
    const timings = steps.map(({ name, results }) => [name, responseMs(results)] as const)
    const service_timings = Object.fromEntries(timings)
    const billing = service_timings['setup_billing_profile'] ?? 0
    const preferences = service_timings['initialize_preferences'] ?? 0
    const parallel_execution_saved = Math.min(billing, preferences)
    const sum = timings.reduce((total, [, ms]) => total + ms, 0)
    task.annotations.create({
      annotationType: 'service_performance',
      content: {
        service_timings,
        total_duration: sum - parallel_execution_saved,
        parallel_execution_saved,
      },
    })
    const { plan_type, registration_source } = task.context
    const done = z
      .object({ user_id: z.int(), completion_timestamp: z.string() })
      .safeParse(sequence.findStepByName('update_user_status')?.results)
    task.annotations.create({
      annotationType: 'registration_outcome',
      content: {
        user_id: done.data?.user_id ?? null,
        plan: plan_type ?? null,
        source: registration_source ?? null,
        completed_at: done.data?.completion_timestamp ?? null,
      },
    })
  }
}

/** `12ms` → 12. A step that was resolved by hand asked nobody. */
function responseMs(results: unknown): number {
  return Number.parseInt(timed.safeParse(results).data?.service_response_time ?? '0', 10)
}
