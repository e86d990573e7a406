// Queries for what may run: stored definitions with their versions and use, the same in every process, and one version whole.
import {
  TaskerError,
  type StoredDefinition,
  type StoredDefinitionName,
  type StoredDefinitionStep,
  type StoredVersion,
} from '@tasker/engine'
import type { Parts } from '../builder.ts'
import { costs } from '../cost.ts'
import { needs, part } from '../guard.ts'
import { isGiven } from '../given.ts'

export function defineDefinitionQueries(parts: Parts): void {
  const names = defineNames(parts)
  const definition = defineDefinition(parts)
  parts.builder.queryFields((t) => ({
    definitions: t.field({
      type: [names],
      nullable: true,
      description: 'Stored definitions by namespace and name, with their versions.',
      extensions: { ...needs('tasker.handler:index'), ...costs({ own: 200 }) },
      args: { namespace: t.arg.string() },
      resolve: async (_, { namespace }, { tasker, access }) => {
        const scope = await access.scope('tasker.handler:index')
        const asked = !isGiven(namespace) ? undefined : [namespace]
        const seen = scope?.namespaces
        const namespaces = asked?.filter((name) => seen?.includes(name) ?? true) ?? seen
        return [...(await tasker.reports.storedDefinitions({ namespaces }))]
      },
    }),
    definition: t.field({
      type: definition,
      nullable: true,
      description: 'One stored version. Null when there is none.',
      extensions: {
        ...needs('tasker.handler:show', (_, { namespace }: { readonly namespace: string }) => ({
          namespace,
        })),
        ...costs({ own: 50 }),
      },
      args: {
        namespace: t.arg.string({ required: true, defaultValue: 'default' }),
        name: t.arg.string({ required: true }),
        version: t.arg.string({ description: 'One, or a range. Default: the newest stable one.' }),
      },
      resolve: async (_, { namespace, name, version }, { tasker }) => {
        const address = { namespace, name, version: version ?? undefined }
        try {
          return await tasker.reports.storedDefinition(address)
        } catch (error) {
          if (error instanceof TaskerError && error.code === 'DEFINITION_NOT_FOUND') return null
          throw error
        }
      },
    }),
  }))
}

function defineNames({ builder }: Parts) {
  const version = builder.objectRef<StoredVersion>('DefinitionVersion').implement({
    description: 'A version of a definition, and its use.',
    fields: (t) => ({
      version: t.exposeString('version'),
      isLatest: t.exposeBoolean('isLatest'),
      isUnserved: t.exposeBoolean('isUnserved', {
        description: 'It has open tasks, and no live worker serves it.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
      pendingTasks: t.exposeInt('pendingTasks'),
      inProgressTasks: t.exposeInt('inProgressTasks'),
      heldTasks: t.exposeInt('heldTasks'),
      liveWorkers: t.exposeInt('liveWorkers'),
    }),
  })
  return builder.objectRef<StoredDefinitionName>('DefinitionName').implement({
    description: 'A definition with its versions.',
    fields: (t) => ({
      namespace: t.exposeString('namespace'),
      name: t.exposeString('name'),
      description: t.exposeString('description'),
      latest: t.exposeString('latest', { description: 'The newest stable version.' }),
      versions: t.field({
        type: [version],
        description: 'Oldest first.',
        extensions: part,
        resolve: ({ versions }) => [...versions],
      }),
    }),
  })
}

function defineDefinition({ builder, priority }: Parts) {
  const step = builder.objectRef<StoredDefinitionStep>('StepTemplate').implement({
    description: 'A step as its definition declares it.',
    fields: (t) => ({
      stepNo: t.exposeInt('stepNo'),
      name: t.exposeString('name'),
      handler: t.exposeString('handler'),
      dependsOn: t.stringList({ resolve: ({ dependsOn }) => [...dependsOn] }),
      dependents: t.stringList({ resolve: ({ dependents }) => [...dependents] }),
      level: t.exposeInt('level', { description: 'How far from a root, by the longest path.' }),
      dependentSystem: t.exposeString('dependentSystem'),
      retryable: t.exposeBoolean('retryable'),
      retryLimit: t.exposeInt('retryLimit'),
      skippable: t.exposeBoolean('skippable'),
      timeoutMs: t.exposeFloat('timeoutMs', { nullable: true }),
      configuration: t.field({
        type: 'JSON',
        nullable: true,
        description: 'What may be shown of the configuration of its handler.',
        resolve: ({ configuration }) => configuration,
      }),
    }),
  })
  return builder.objectRef<StoredDefinition>('Definition').implement({
    description: 'One version of what may run.',
    fields: (t) => ({
      namespace: t.exposeString('namespace'),
      name: t.exposeString('name'),
      version: t.exposeString('version'),
      fullName: t.string({
        resolve: ({ namespace, name, version }) => `${namespace}.${name}@${version}`,
      }),
      description: t.exposeString('description'),
      isLatest: t.exposeBoolean('isLatest'),
      versions: t.stringList({ resolve: ({ versions }) => [...versions] }),
      priority: t.expose('priority', { type: priority }),
      maxExecutionMs: t.exposeFloat('maxExecutionMs', { nullable: true }),
      contextSchema: t.field({
        type: 'JSON',
        nullable: true,
        description: 'What a context has to be, as JSON Schema, where there is one.',
        resolve: ({ contextSchema }) => contextSchema,
      }),
      steps: t.field({
        type: [step],
        description: 'As declared; steps generated from a context are not among them.',
        extensions: part,
        resolve: ({ steps }) => [...steps],
      }),
    }),
  })
}
