// Pages of lists as connections: edges, nodes, where the page ends, and how many there are, as far as they are counted.
import { TaskerError } from '@tasker/engine'
import type { Parts, Ref } from '../builder.ts'
import { costs } from '../cost.ts'
import { part } from '../guard.ts'
import type { Page } from '../shapes.ts'
import { isGiven } from '../given.ts'

const pageMax = 100

/** @throws {TaskerError} REQUEST_INVALID */
export function requirePage(first: number): number {
  if (first >= 1 && first <= pageMax) return first
  throw new TaskerError('REQUEST_INVALID', `A list has 1 to ${pageMax} entries, not ${first}.`, {
    faults: [{ path: 'first', message: `must be from 1 to ${pageMax}, not ${first}` }],
  })
}

interface PageOf<Node> {
  readonly nodes: readonly Node[]
  readonly cursorOf: (node: Node) => string
  /** Null: nothing comes after it. */
  readonly nextCursor: string | null
  readonly isFirst: boolean
  readonly total: Page<Node>['total']
}

export function pageOf<Node>(given: PageOf<Node>): Page<Node> {
  const { nodes, cursorOf, nextCursor, isFirst, total } = given
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: nextCursor !== null,
      hasPreviousPage: !isFirst,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: nextCursor ?? edges.at(-1)?.cursor ?? null,
    },
    total,
  }
}

export interface Asked {
  readonly first: number
  readonly after?: string | null | undefined
}

/** A page of what has been read whole; a cursor is the place in it. @throws {TaskerError} REQUEST_INVALID */
export function pageOfAll<Node>(all: readonly Node[], { first, after }: Asked): Page<Node> {
  const from = !isGiven(after) ? 0 : placeOf(after)
  const nodes = all.slice(from, from + requirePage(first))
  const places = new Map(nodes.map((node, index) => [node, String(from + index + 1)]))
  const cursorOf = (node: Node): string => places.get(node) ?? ''
  const last = nodes.at(-1)
  return pageOf({
    nodes,
    cursorOf,
    nextCursor: last !== undefined && from + nodes.length < all.length ? cursorOf(last) : null,
    isFirst: !isGiven(after),
    total: async () => ({ count: all.length, isCapped: false }),
  })
}

function placeOf(cursor: string): number {
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor)
  throw new TaskerError('REQUEST_INVALID', 'The cursor is none of this list.', {
    faults: [{ path: 'after', message: 'is no cursor of this list' }],
  })
}

/** The type of pages of `node`: `TaskConnection`. */
export function connectionOf<Node extends object>(
  { builder, pageInfo }: Pick<Parts, 'builder' | 'pageInfo'>,
  name: string,
  node: Ref<Node>,
  description: string,
): Ref<Page<Node>> {
  const edge = builder.objectRef<Page<Node>['edges'][number]>(`${name}Edge`)
  edge.implement({
    fields: (t) => ({
      cursor: t.string({ resolve: ({ cursor }) => cursor }),
      // Cast: a node is an object, never a list, which is what the type asks.
      node: t.field({ type: node, extensions: part, resolve: (one) => one.node as never }),
    }),
  })
  const inPage = { ...part, ...costs({ factor: 1 }) }
  return builder.objectRef<Page<Node>>(`${name}Connection`).implement({
    description,
    fields: (t) => ({
      edges: t.field({ type: [edge], extensions: inPage, resolve: ({ edges }) => edges }),
      nodes: t.field({
        type: [node],
        extensions: inPage,
        resolve: ({ edges }) => edges.map((one) => one.node) as never, // as above
      }),
      pageInfo: t.field({
        type: pageInfo,
        extensions: part,
        resolve: (page) => page.pageInfo,
      }),
      totalCount: t.int({
        description: 'How many there are, as far as they are counted.',
        extensions: costs({ own: 20 }),
        resolve: async ({ total }) => (await total()).count,
      }),
      isTotalCountCapped: t.boolean({
        description: 'There are more, or may be where counting ended.',
        extensions: costs({ own: 20 }),
        resolve: async ({ total }) => (await total()).isCapped,
      }),
    }),
  })
}

export function definePageInfo({ pageInfo }: Parts): void {
  pageInfo.implement({
    description: 'Where a page begins and ends.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
        description: 'Whether the page was asked for with `after`.',
      }),
      startCursor: t.exposeString('startCursor', { nullable: true }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'Pass as `after` for the next page.',
      }),
    }),
  })
}
