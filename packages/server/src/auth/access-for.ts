// The same decisions for code of the application, outside of any request: what a page shows, whether a button is there.
import { newCorrelationId, type Tasker } from '@tasker/engine'
import { createAccess, type Access } from './access.ts'
import { checkedCaller } from './checked-caller.ts'
import type { Caller } from './model.ts'
import { readAuth } from './read-auth.ts'

/**
 * What this caller may do now, by the settings of section `auth`. Answers are kept, so make one for each piece of work.
 * `caller` null: nobody was asked who they are.
 * @throws {TaskerError} AUTH_MISCONFIGURED
 */
export function accessFor(tasker: Tasker, caller: Caller | null): Access {
  const auth = readAuth(tasker)
  return createAccess({
    tasker,
    caller: caller === null ? null : checkedCaller(caller),
    coordinator: auth.decides('global') ? auth.coordinator : null,
    origin: { transport: 'code', correlationId: newCorrelationId(), address: null },
    at: tasker.now(),
  })
}
