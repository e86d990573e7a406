// What an operation costs before it is executed: each field counts 1, or what it says of itself, times the length of every
// list that it stands in. What `@skip` and `@include` leave out is counted, too.
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql'
import { isGiven } from './given.ts'

/** What a field says of its cost, in its `extensions`. */
export interface Cost {
  /** Default 1. */
  readonly own?: number
  /** How many times what stands in it is resolved. Default: its argument `first`; of a list without that, 10. */
  readonly factor?: number
}

export const costs = (cost: Cost) => ({ cost })

const lengthAssumed = 10

export interface CostCall {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** As they were sent, with the defaults of those that were not. */
  readonly variables: Readonly<Record<string, unknown>>
}

/** The document is valid. */
export function costOf({ schema, operation, fragments, variables }: CostCall): number {
  const known = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    const fragment = fragments.get(name)
    const type = fragment && schema.getType(fragment.typeCondition.name.value)
    const cost = fragment && type ? ofAll(fragment.selectionSet.selections, type) : 0
    known.set(name, cost)
    return cost
  }
  const ofAll = (selections: readonly SelectionNode[], type: GraphQLNamedType): number =>
    selections.reduce((sum, selection) => sum + ofOne(selection, type), 0)
  const ofOne = (selection: SelectionNode, type: GraphQLNamedType): number => {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return ofFragment(selection.name.value)
      case Kind.INLINE_FRAGMENT: {
        const condition = selection.typeCondition?.name.value
        const narrowed = condition === undefined ? type : (schema.getType(condition) ?? type)
        return ofAll(selection.selectionSet.selections, narrowed)
      }
      case Kind.FIELD: {
        const hasFields = isObjectType(type) || isInterfaceType(type)
        const field = hasFields ? type.getFields()[selection.name.value] : undefined
        if (field === undefined) return 1 // of introspection
        const { own = 1 } = costOfField(field)
        const within = selection.selectionSet?.selections ?? []
        const factor = factorOf(field, selection, variables)
        return own + factor * ofAll(within, getNamedType(field.type))
      }
      default:
        return selection satisfies never
    }
  }
  const root = schema.getRootType(operation.operation)
  return !isGiven(root) ? 0 : ofAll(operation.selectionSet.selections, root)
}

type Field = GraphQLField<unknown, unknown>

const costOfField = ({ extensions }: Field): Cost => extensions['cost'] ?? {} // set by `costs` only

function factorOf(
  field: Field,
  { arguments: given = [] }: FieldNode,
  variables: CostCall['variables'],
): number {
  const { factor } = costOfField(field)
  if (factor !== undefined) return factor
  const first = field.args.find(({ name }) => name === 'first')
  if (first === undefined) return isListOfObjects(field.type) ? lengthAssumed : 1
  const value = given.find(({ name }) => name.value === 'first')?.value
  const asked =
    value?.kind === Kind.INT
      ? Number(value.value)
      : value?.kind === Kind.VARIABLE
        ? variables[value.name.value]
        : undefined
  const length = asked ?? first.defaultValue
  return typeof length === 'number' ? Math.max(length, 1) : lengthAssumed
}

const isListOfObjects = (type: GraphQLOutputType): boolean =>
  isListType(getNullableType(type)) && isCompositeType(getNamedType(type))
