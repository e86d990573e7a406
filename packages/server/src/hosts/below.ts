// Which paths of a host are the server's.
import type { TaskerServer } from '../server.ts'

export function isBelow({ prefix }: Pick<TaskerServer, 'prefix'>, target: string): boolean {
  const path = target.split('?', 1)[0] ?? ''
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`)
}
