// Namespaces as operators see them: which there are, and holding one so that none of its steps start.
import type { NamespaceRow, Tasker } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { namespacePath } from './definition-schemas.ts'
import { visibleNamespaces } from './handlers.ts'
import { text, timestamp } from './schemas.ts'

const facts = { authentication: 'global', tag: 'Namespaces' } as const

const namespace = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    is_held: z.boolean().meta({ description: 'None of its steps start.' }),
    held_at: timestamp.nullable(),
    held_by: z.string().nullable(),
    held_reason: z.string().nullable(),
  })
  .meta({ id: 'Namespace' })

const changed = z
  .strictObject({
    namespace,
    changed: z.boolean().meta({ description: 'False: it was so already.' }),
  })
  .meta({ id: 'NamespaceChanged' })

const order = z
  .strictObject({ reason: text(2_000).optional().meta({ description: 'For the history.' }) })
  .meta({ id: 'NamespaceOrder' })

const setting = (action: 'hold' | 'resume', summary: string, description: string): Operation =>
  operation({
    ...facts,
    id: `${action}Namespace`,
    method: 'post',
    path: `/namespaces/{namespace}/${action}`,
    permission: 'tasker.namespace:update',
    summary,
    description,
    params: namespacePath,
    body: order,
    answers: { 200: { description: 'As it is now.', schema: changed } },
    refuses: ['NAMESPACE_NOT_FOUND'],
    async handle({ tasker, access, params, body: { reason } }) {
      const by = { actor: access.actor, ...(reason === undefined ? {} : { reason }) }
      const isChanged = await tasker.namespaces[action](params.namespace, by)
      const row = await rowOf(tasker, params.namespace)
      return { body: { namespace: row === null ? null : show(row), changed: isChanged } }
    },
  })

export const namespaceOperations: readonly Operation[] = [
  operation({
    ...facts,
    id: 'listNamespaceHolds',
    method: 'get',
    path: '/namespaces',
    permission: 'tasker.namespace:index',
    summary: 'List namespaces and which are held',
    answers: {
      200: {
        description: 'By name.',
        schema: z.strictObject({ namespaces: z.array(namespace) }).meta({ id: 'NamespaceList' }),
      },
    },
    async handle({ tasker, access }) {
      const rows = await visibleNamespaces(tasker, access, 'tasker.namespace:index')
      return { body: { namespaces: rows.map(show) } }
    },
  }),
  setting(
    'hold',
    'Hold a namespace',
    'No step of it starts any more, in any worker, until it is resumed. What runs goes on, and tasks can still be created.',
  ),
  setting('resume', 'Resume a namespace', 'Its steps start again.'),
  operation({
    ...facts,
    id: 'getNamespaceHistory',
    method: 'get',
    path: '/namespaces/{namespace}/history',
    permission: 'tasker.namespace:index',
    summary: 'Show who held and resumed a namespace, when and why',
    params: namespacePath,
    answers: {
      200: {
        description: 'Oldest first.',
        schema: z
          .strictObject({
            changes: z.array(
              z.strictObject({
                to: z.enum(['held', 'running']),
                actor: z.string(),
                reason: z.string(),
                at: timestamp,
              }),
            ),
          })
          .meta({ id: 'NamespaceHistory' }),
      },
    },
    refuses: ['NAMESPACE_NOT_FOUND'],
    handle: async ({ tasker, params }) => ({
      body: { changes: await tasker.namespaces.history(params.namespace) },
    }),
  }),
]

async function rowOf({ namespaces }: Tasker, name: string): Promise<NamespaceRow | null> {
  return (await namespaces.list()).find((row) => row.name === name) ?? null
}

const show = ({ name, description, heldAt, heldBy, heldReason }: NamespaceRow) => ({
  name,
  description,
  is_held: heldAt !== null,
  held_at: heldAt,
  held_by: heldBy,
  held_reason: heldReason,
})
