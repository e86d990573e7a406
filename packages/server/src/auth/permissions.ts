// What a caller may be allowed to do: every resource with its actions. Operations name one of these; nothing else exists.
const actions = {
  'tasker.task': [
    'index',
    'show',
    'show_payload',
    'create',
    'update',
    'cancel',
    'retry',
    'destroy',
  ],
  'tasker.workflow_step': ['index', 'show', 'show_payload', 'update', 'cancel', 'retry'],
  'tasker.task_diagram': ['index'],
  'tasker.handler': ['index', 'show'],
  'tasker.namespace': ['index', 'update'],
  'tasker.worker': ['index'],
  'tasker.health_status': ['index'],
  'tasker.metrics': ['index'],
  'tasker.analytics': ['index'],
  'tasker.audit': ['index'],
} as const

export type Resource = keyof typeof actions

/** `tasker.task:show`. */
export type Permission = {
  [Name in Resource]: `${Name}:${(typeof actions)[Name][number]}`
}[Resource]

export const resources: readonly Resource[] = Object.freeze(Object.keys(actions) as Resource[])

/** In the order of the table. */
export const permissions: readonly Permission[] = Object.freeze(
  resources.flatMap((resource) =>
    actions[resource].map((action) => `${resource}:${action}` as Permission),
  ),
)

export const isPermission = (text: string): text is Permission =>
  (permissions as readonly string[]).includes(text)

/** None for what is no resource. */
export const actionsOf = (resource: string): readonly string[] =>
  Object.hasOwn(actions, resource) ? actions[resource as Resource] : []

export function splitPermission(permission: Permission): {
  readonly resource: Resource
  readonly action: string
} {
  const [resource, action] = permission.split(':')
  return { resource: resource as Resource, action: action ?? '' } // both stand in the type
}

/** Whether one of these is the permission, or all of its resource (`tasker.task:*`), or everything (`*`). */
export function isGranted(granted: readonly string[], permission: Permission): boolean {
  const { resource } = splitPermission(permission)
  return granted.some((each) => each === permission || each === `${resource}:*` || each === '*')
}

/** Those that grant nothing, because there is no such permission. */
export const unknownGrants = (granted: readonly string[]): readonly string[] =>
  granted.filter((each) => !permissions.some((permission) => isGranted([each], permission)))
