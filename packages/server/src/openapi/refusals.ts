// Which refusals an operation can give, as codes: those that follow from what it is, and those that it names itself. The
// status of each is problem.ts.
import type { ErrorCode } from '@tasker/engine'
import type { Operation } from '../operation.ts'
import { statusOf } from '../problem.ts'

export const refusalsOf = ({
  authentication,
  permission,
  path,
  body,
  method,
  refuses,
}: Operation): readonly ErrorCode[] => [
  ...(authentication === 'never'
    ? []
    : ([
        'UNAUTHENTICATED',
        'EXPOSED_WITHOUT_AUTHENTICATION',
        'AUTHENTICATION_UNAVAILABLE',
        ...(method === 'get' ? [] : (['CROSS_SITE_REFUSED'] as const)),
      ] as const)),
  ...(permission === null ? [] : (['FORBIDDEN'] as const)),
  ...(path.includes('{task_id}') ? (['TASK_NOT_FOUND'] as const) : []),
  ...(body === null
    ? []
    : (['BODY_MALFORMED', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'] as const)),
  'REQUEST_INVALID',
  ...(refuses ?? []),
  'RATE_LIMITED',
  'INTERNAL',
  'DATABASE_UNREACHABLE',
  'DATABASE_BUSY',
]

/** Codes by their status, lowest first. */
export function refusalsByStatus(operation: Operation): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = [...new Set(refusalsOf(operation))]
  const byStatus = Map.groupBy(codes, statusOf)
  return new Map([...byStatus].toSorted(([a], [b]) => a - b))
}
