// Reads a GraphQL document within bounds: its signs are counted and its nesting is followed before anything that calls itself
// looks at it, then its fields are measured, each once however many fragments lead there.
import { TaskerError, type Config } from '@tasker/engine'
import {
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

export type GraphqlLimits = Config['server']['graphql']

/** @throws {TaskerError} GRAPHQL_LIMIT_EXCEEDED, INTROSPECTION_DISABLED; GraphQLError for its syntax */
export function readDocument(text: string, limits: GraphqlLimits): DocumentNode {
  const bytes = Buffer.byteLength(text)
  requireAtMost('bytes', bytes, limits.documentMaxBytes, 'documentMaxBytes')
  scan(text, limits)
  const document = parse(text)
  const found = measure(document)
  requireAtMost('aliases', found.aliases, limits.aliasesMax, 'aliasesMax')
  requireAtMost('directives', found.directives, limits.directivesMax, 'directivesMax')
  requireAtMost('levels of fields', found.depth, limits.depthMax, 'depthMax')
  if (found.asksForSchema && !limits.introspection)
    throw new TaskerError('INTROSPECTION_DISABLED', 'The document asks for the schema.')
  return document
}

const opening: readonly string[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]
const closing: readonly string[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]

/** Parsing calls itself at each opening sign; this does not. How many signs it has read, for tests. */
export function scan(
  text: string,
  { tokensMax, depthMax }: Pick<GraphqlLimits, 'tokensMax' | 'depthMax'>,
): number {
  const lexer = new Lexer(new Source(text))
  let tokens = 0
  let nesting = 0
  while (lexer.advance().kind !== TokenKind.EOF) {
    const { kind } = lexer.token
    tokens += 1
    requireAtMost('tokens', tokens, tokensMax, 'tokensMax')
    if (opening.includes(kind)) nesting += 1
    if (closing.includes(kind)) nesting -= 1
    // Inside a field stand arguments, in them a value: more than one sign for each level, but not many.
    requireAtMost('levels', nesting, depthMax * 3, 'depthMax')
  }
  return tokens
}

interface Measures {
  readonly depth: number
  readonly aliases: number
  readonly directives: number
  readonly asksForSchema: boolean
}

/** Counted over the whole document, whichever operation of it is executed. */
function measure(document: DocumentNode): Measures {
  let aliases = 0
  let directives = 0
  let asksForSchema = false
  visit(document, {
    Field(node) {
      if (node.alias !== undefined) aliases += 1
      if (introspective.includes(node.name.value)) asksForSchema = true
    },
    Directive() {
      directives += 1
    },
  })
  return { aliases, directives, asksForSchema, depth: depthOf(document) }
}

const introspective: readonly string[] = ['__schema', '__type']

/** Each fragment is measured once. One that leads to itself is refused by validation; here it ends. */
function depthOf(document: DocumentNode): number {
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, 0)
    const fragment = fragments.get(name)
    const depth = fragment === undefined ? 0 : ofSelection(fragment.selectionSet)
    known.set(name, depth)
    return depth
  }
  const ofSelection = ({ selections }: SelectionSetNode): number =>
    deepest(
      selections.map((selection) => {
        switch (selection.kind) {
          case Kind.FIELD:
            // The schema's own depth is bounded by a rule of its own.
            if (introspective.includes(selection.name.value)) return 1
            return (
              1 + (selection.selectionSet === undefined ? 0 : ofSelection(selection.selectionSet))
            )
          case Kind.INLINE_FRAGMENT:
            return ofSelection(selection.selectionSet)
          case Kind.FRAGMENT_SPREAD:
            return ofFragment(selection.name.value)
          default:
            return selection satisfies never
        }
      }),
    )
  return deepest(
    document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? ofSelection(definition.selectionSet) : 0,
    ),
  )
}

const deepest = (depths: readonly number[]): number => depths.reduce((a, b) => Math.max(a, b), 0)

export const fragmentsOf = (document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  )

export function requireAtMost(what: string, given: number, max: number, optionName: string): void {
  if (given <= max) return
  throw new TaskerError(
    'GRAPHQL_LIMIT_EXCEEDED',
    `The document has more than ${max} ${what} (server.graphql.${optionName}).`,
  )
}
