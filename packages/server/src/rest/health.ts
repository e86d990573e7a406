// Whether the process is alive, ready, and how it fares.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { timestamp } from './schemas.ts'

export const healthOperations: readonly Operation[] = [
  operation({
    id: 'checkLiveness',
    method: 'get',
    path: '/health/live',
    permission: null,
    authentication: 'never',
    tag: 'Health',
    summary: 'Whether the process answers',
    description: 'Asks nothing of the database.',
    answers: {
      200: {
        description: 'It does.',
        schema: z
          .strictObject({
            alive: z.literal(true),
            timestamp,
            service: z.string().meta({ example: 'tasker' }),
          })
          .meta({ id: 'Liveness' }),
      },
    },
    handle: async ({ tasker }) => ({
      body: {
        alive: true,
        timestamp: tasker.now(),
        service: tasker.config.telemetry.serviceName,
      },
    }),
  }),
]
