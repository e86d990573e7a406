// A Tasker behind HTTP, as small as this example needs it: two routes on node:http in front of `tasker.tasks`. The server of
// @tasker/server will take its place; who calls it only has to change a path.
import { isEnded, TaskerError, type ErrorCategory, type JsonObject } from '@tasker/engine'
import { z } from 'zod'
import type { OpenTasker } from '../example.ts'
import { StubSystem, type StubAnswer, type StubCall } from '../stub-system.ts'

/** Who may create tasks here says this. In production it comes from the environment, on both sides. */
export const doorToken = 'demo-token'

const creation = z.object({
  namespace: z.string(),
  name: z.string(),
  version: z.string(),
  context: z.record(z.string(), z.json()),
})

const statuses: Readonly<Record<ErrorCategory, number>> = {
  invalid_input: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  configuration: 500,
  unavailable: 503,
  handler: 500,
  internal: 500,
}

export class TaskDoor extends StubSystem {
  #open: OpenTasker | null = null

  constructor(name: string) {
    super(
      name,
      {
        'POST /tasker/tasks': guarded((call) => this.#create(call)),
        'GET /tasker/tasks/:id': guarded((call) => this.#show(call)),
      },
      // The Tasker behind it remembers keys. That is what is shown.
      { remembersKeys: false },
    )
  }

  /** Whose tasks it creates and shows. */
  connect(open: OpenTasker): void {
    this.#open = open
  }

  async #tasks() {
    if (this.#open === null) throw new TaskerError('TASKER_CLOSED', 'No Tasker is connected.')
    return (await this.#open()).tasks
  }

  async #create({ body, headers }: StubCall): Promise<StubAnswer> {
    const asked = creation.safeParse(body)
    if (!asked.success) return { status: 400, body: { error: z.prettifyError(asked.error) } }
    const { context, ...address } = asked.data
    const idempotencyKey = headers['idempotency-key']
    const { taskId, created } = await (
      await this.#tasks()
    ).create(address, {
      context,
      sourceSystem: 'customer_success',
      reason: 'asked for over HTTP',
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    })
    return { status: created ? 201 : 200, body: { task_id: taskId, status: 'created' } }
  }

  async #show({ params: { id = '' } }: StubCall): Promise<StubAnswer> {
    const { taskId, state, results, context, steps } = await (await this.#tasks()).get(id)
    const failed = steps.find((step) => step.state === 'error')
    const body: JsonObject = {
      task_id: taskId,
      state,
      is_ended: isEnded(state),
      correlation_id: context['correlation_id'] ?? null,
      results,
      failed_step: failed?.name ?? null,
    }
    return { body }
  }
}

type Route = (call: StubCall) => Promise<StubAnswer>

const guarded =
  (route: Route): Route =>
  async (call) => {
    if (call.headers['authorization'] !== `Bearer ${doorToken}`) {
      return { status: 401, body: { error: 'Say who you are.' } }
    }
    try {
      return await route(call)
    } catch (error) {
      if (!(error instanceof TaskerError)) throw error
      const { category, code, message } = error
      return { status: statuses[category], body: { error: message, code } }
    }
  }
