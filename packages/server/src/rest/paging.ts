// Pages of lists: where one goes on, and how many there are. By key, so that nothing is shown twice or left out when
// something is added meanwhile.
import type { TaskCount } from '@tasker/engine'

export interface Paged {
  readonly next_cursor: string | null
  readonly total?: { readonly count: number; readonly is_capped: boolean }
}

export const pageOf = (nextCursor: string | null, total: TaskCount | null = null): Paged => ({
  next_cursor: nextCursor,
  ...(total === null ? {} : { total: { count: total.count, is_capped: total.isCapped } }),
})

/** The same request for the page after, as a header; none on the last page. */
export function nextLink(
  { url }: Request,
  nextCursor: string | null,
): Readonly<Record<string, string>> {
  if (nextCursor === null) return {}
  const next = new URL(url)
  next.searchParams.set('cursor', nextCursor)
  return { link: `<${next.pathname}${next.search}>; rel="next"` }
}

export const linkHeader = { link: 'The page after, as `rel="next"`; absent on the last.' }
