// Discovery: which definitions there are, in which namespaces and versions, and what each consists of. From the database: the
// same in every process, whoever serves them.
import { createRegistry, type StoredDefinitionName, type Tasker } from '@tasker/engine'
import { z } from 'zod'
import type { Access } from '../auth/access.ts'
import type { Permission } from '../auth/permissions.ts'
import { operation, type Operation } from '../operation.ts'
import { graphBody, graphQuery, graphReply, graphTypes } from './draw-graph.ts'
import {
  definitionName,
  definitionPath,
  handler,
  namespacePath,
  showHandler,
  showName,
  versionText,
} from './definition-schemas.ts'
import { freshness, showFreshness } from './freshness.ts'
import { count, json, text } from './schemas.ts'
import { snakeCased } from './snake-case.ts'

const facts = { method: 'get', authentication: 'global', tag: 'Handlers' } as const

const differenceKinds = [
  'step_added',
  'step_removed',
  'edge_added',
  'edge_removed',
  'setting_changed',
] as const

const edge = z.strictObject({ from: z.string(), to: z.string() })

const diff = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    is_compatible: z.boolean(),
    graph: z.strictObject({
      steps_added: z.array(z.string()),
      steps_removed: z.array(z.string()),
      edges_added: z.array(edge),
      edges_removed: z.array(edge),
      levels_changed: z.array(z.strictObject({ step: z.string(), from: count, to: count })),
    }),
    differences: z.array(
      z.strictObject({
        kind: z.enum(differenceKinds),
        step: z.string().nullable(),
        what: z.string(),
        from: json,
        to: json,
        is_compatible: z.boolean(),
        why: z.string(),
      }),
    ),
  })
  .meta({ id: 'DefinitionDiff' })

export const handlerOperations: readonly Operation[] = [
  operation({
    ...facts,
    id: 'listNamespaces',
    path: '/handlers',
    permission: 'tasker.handler:index',
    summary: 'List namespaces with the number of their handlers',
    description: 'Kept until a definition is stored, for about `cache.dashboardCacheTtl`.',
    answers: {
      200: {
        description: 'By name; those without a definition too.',
        schema: z
          .strictObject({
            namespaces: z.array(
              z.strictObject({
                name: z.string(),
                description: z.string(),
                handler_count: count.meta({
                  description: 'Names of tasks, whatever their versions.',
                }),
                version_count: count,
              }),
            ),
            total_namespaces: count,
            ...freshness,
          })
          .meta({ id: 'HandlerNamespaces' }),
      },
    },
    async handle({ tasker, access }) {
      const scope = await access.scope('tasker.handler:index')
      const report = await tasker.reports.discovery({ namespaces: scope?.namespaces })
      const { namespaces } = report
      return {
        body: {
          namespaces: namespaces.map((one) => ({
            name: one.name,
            description: one.description,
            handler_count: one.handlerCount,
            version_count: one.versionCount,
          })),
          total_namespaces: namespaces.length,
          ...showFreshness(report),
        },
      }
    },
  }),
  operation({
    ...facts,
    id: 'listHandlersInNamespace',
    path: '/handlers/{namespace}',
    permission: 'tasker.handler:index',
    summary: 'List the handlers of a namespace',
    params: namespacePath,
    answers: {
      200: {
        description: 'By name, each with its versions and what is in flight of them.',
        schema: z
          .strictObject({
            namespace: z.string(),
            handlers: z.array(definitionName),
            total_handlers: count,
          })
          .meta({ id: 'HandlerList' }),
      },
    },
    refuses: ['NAMESPACE_NOT_FOUND'],
    async handle({ tasker, access, params: { namespace } }) {
      await tasker.namespaces.history(namespace) // it is there
      const names = await storedNames(tasker, access)
      const own = names.filter((one) => one.namespace === namespace)
      return { body: { namespace, handlers: own.map(showName), total_handlers: own.length } }
    },
  }),
  operation({
    ...facts,
    id: 'getHandlerWithDependencies',
    path: '/handlers/{namespace}/{name}',
    permission: 'tasker.handler:show',
    summary: 'Show one version of a handler with its steps',
    description: 'Kept until it is stored anew, for about `cache.dashboardCacheTtl`.',
    params: definitionPath,
    query: z.strictObject({ version: versionText }),
    answers: {
      200: {
        description: 'All dependencies of all steps.',
        schema: z.strictObject({ handler, ...freshness }).meta({ id: 'HandlerBody' }),
      },
    },
    refuses: ['DEFINITION_NOT_FOUND'],
    async handle({ tasker, params, query: { version } }) {
      const found = await tasker.reports.storedDefinition({ ...params, version })
      return { body: { handler: showHandler(found), ...showFreshness(found) } }
    },
  }),
  operation({
    ...facts,
    id: 'getHandlerGraph',
    path: '/handlers/{namespace}/{name}/graph',
    permission: 'tasker.task_diagram:index',
    summary: 'Draw a handler as a graph',
    description:
      'As JSON, Mermaid, DOT or SVG. `durations`: default `none`; measured ones are the means of its newest complete tasks.',
    params: definitionPath,
    query: graphQuery.extend({ version: versionText }),
    answers: {
      200: { description: 'The graph.', schema: graphBody, others: graphTypes },
    },
    refuses: ['DEFINITION_NOT_FOUND'],
    async handle({ tasker, params, query: { format, durations = 'none', version } }) {
      // Nothing that only this process has registered.
      const definitions = createRegistry()
      const options = { durations, definitions }
      return graphReply(
        format,
        await tasker.reports.definitionGraph({ ...params, version }, options),
      )
    },
  }),
  operation({
    ...facts,
    id: 'compareHandlerVersions',
    path: '/handlers/{namespace}/{name}/diff',
    permission: 'tasker.handler:show',
    summary: 'Compare two versions of a handler',
    params: definitionPath,
    query: z.strictObject({ from: text(256), to: versionText }),
    answers: {
      200: {
        description: 'What differs, incompatible differences first, each with its reason.',
        schema: z.strictObject({ diff }).meta({ id: 'DefinitionDiffBody' }),
      },
    },
    refuses: ['DEFINITION_NOT_FOUND'],
    async handle({ tasker, params, query: { from, to } }) {
      const compared = await tasker.reports.definitionDiff(
        { ...params, version: from },
        { ...params, version: to },
        createRegistry(),
      )
      const { differences, ...rest } = compared
      return {
        body: {
          diff: {
            ...(snakeCased(rest) as object), // of an object, an object
            // Values of settings are somebody's data: their keys stay as they are.
            differences: differences.map(({ isCompatible, ...difference }) => ({
              ...difference,
              is_compatible: isCompatible,
            })),
          },
        },
      }
    },
  }),
]

async function storedNames(
  tasker: Tasker,
  access: Access,
): Promise<readonly StoredDefinitionName[]> {
  const scope = await access.scope('tasker.handler:index')
  return tasker.reports.storedDefinitions({ namespaces: scope?.namespaces })
}

/** Those that the caller may see. */
export async function visibleNamespaces(tasker: Tasker, access: Access, permission: Permission) {
  const scope = await access.scope(permission)
  const rows = await tasker.namespaces.list()
  return rows.filter(({ name }) => scope?.namespaces?.includes(name) ?? true)
}
