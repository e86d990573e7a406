// Versions of tasks in headers: `etag` on what is shown, `if-none-match` to hear only of news, `if-match` to change only what
// is as it was read. The engine compares under the task's lock; here the headers are read.
import { createHash } from 'node:crypto'
import { TaskerError } from '@tasker/engine'
import { z } from 'zod'
import type { Reply } from '../operation.ts'

export const ifMatch = z.strictObject({
  'if-match': z.string().max(1_024).optional().meta({
    description:
      'The `etag` of the task as it was read: when it has changed since, 412 and nothing is done.',
    example: '"3"',
  }),
})

export const ifNoneMatch = z.strictObject({
  'if-none-match': z.string().max(4_096).optional().meta({
    description: 'An `etag`: when there is nothing new, 304 and no body.',
  }),
})

export const etagHeader = { etag: 'The version of the task, for `if-match` and `if-none-match`.' }

/**
 * `"3"`, the revision of the task; of what is shown, followed by a digest of it, since a claim and the time change what is
 * shown and not the revision.
 */
export const etagOf = (revision: number, shown?: object): string =>
  shown === undefined
    ? `"${revision}"`
    : `"${revision}-${createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16)}"`

/** What the engine is to expect. @throws {TaskerError} REVISION_CONFLICT for a header that can match nothing */
export function expectedBy({ 'if-match': header }: { readonly 'if-match'?: string | undefined }): {
  readonly expectedRevision?: number
} {
  if (header === undefined || header.trim() === '*') return {}
  // Weak ones too: what stands between a client and the server may have weakened them, and the number is there.
  const revisions = header
    .split(',')
    .map((tag) => /^\s*(?:W\/)?"(\d{1,9})(?:-[\w-]*)?"\s*$/.exec(tag)?.[1])
  const [revision] = revisions
  if (revision !== undefined && revisions.every((each) => each === revision))
    return { expectedRevision: Number(revision) }
  throw new TaskerError(
    'REVISION_CONFLICT',
    'The header if-match names no version of a task, or several.',
  )
}

/** @throws {TaskerError} REVISION_CONFLICT */
export function requireRevision(
  header: Parameters<typeof expectedBy>[0],
  { taskId, revision }: { readonly taskId: string; readonly revision: number },
): void {
  const { expectedRevision = revision } = expectedBy(header)
  if (expectedRevision === revision) return
  throw new TaskerError(
    'REVISION_CONFLICT',
    `Task ${taskId} has revision ${revision}, expected was ${expectedRevision}.`,
    { taskId, revision },
  )
}

/** Shown with its version, or 304. A browser may keep it, and asks before it uses it. */
export function versioned(request: Request, revision: number, body: object): Reply | Response {
  const etag = etagOf(revision, body)
  const headers = { etag, 'cache-control': 'private, no-cache' }
  const known = (request.headers.get('if-none-match') ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*')
    ? new Response(null, { status: 304, headers })
    : { body, headers }
}
