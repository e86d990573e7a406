// Makes types of GraphQL operations: reads the published schema and operations.graphql, and writes operations.generated.ts. A small code
// generator on graphql-js alone, because those that people know print types with a compiler that TypeScript 7 no longer has.
// Run it with `node examples/clients/graphql/generate.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  parse,
  print,
  typeFromAST,
  validate,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

const schemaFile = join(import.meta.dirname, '../../../docs/reference/schema.graphql')
const operationsFile = join(import.meta.dirname, 'operations.graphql')
export const generatedFile = join(import.meta.dirname, 'operations.generated.ts')

const scalars: Readonly<Record<string, string>> = {
  ID: 'string',
  String: 'string',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  DateTime: 'string',
  JSON: 'unknown',
}

/** The text of operations.generated.ts. */
export function generate(): string {
  const schema = buildSchema(readFileSync(schemaFile, 'utf8'))
  const document = parse(readFileSync(operationsFile, 'utf8'))
  const faults = validate(schema, document)
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'))
  const writer = new TypeWriter(schema, document)
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  return [
    '// Generated from operations.graphql by generate.ts. Do not edit.',
    "import type { Operation } from './client.ts'",
    '',
    ...operations.map((operation) => writer.operation(operation as OperationDefinitionNode)),
    ...writer.namedTypes(),
  ].join('\n')
}

class TypeWriter {
  readonly #schema: GraphQLSchema
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Enums and input types that operations use, with their text. */
  readonly #named = new Map<string, string>()

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema
    this.#fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    )
  }

  operation(node: OperationDefinitionNode): string {
    const name = node.name?.value ?? 'Anonymous'
    const variables = (node.variableDefinitions ?? []).map(({ variable, type, defaultValue }) => {
      const input = typeFromAST(this.#schema, type)
      if (input === undefined) throw new Error(`${name}: no type ${print(type)}`)
      const isOptional = !isNonNullType(input) || defaultValue !== undefined
      const text = this.#input(input as GraphQLInputType) // of a variable
      return `  readonly ${variable.name.value}${isOptional ? '?' : ''}: ${text}\n`
    })
    const root = this.#schema.getRootType(node.operation)
    if (root === null || root === undefined)
      throw new Error(`${name}: the schema has no ${node.operation}`)
    const used = [...this.#fragments.values()].map(print).join('\n\n')
    const query = `${print(node)}\n\n${used}`
    const value = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    return [
      `export interface ${name}Variables {\n${variables.join('')}}\n`,
      `export type ${name}Data = ${this.#object(root, node.selectionSet, '')}\n`,
      `export const ${value}: Operation<${name}Data, ${name}Variables> = {`,
      `  query: \`${query}\`,\n}\n`,
    ].join('\n')
  }

  namedTypes(): readonly string[] {
    return [...this.#named.values()]
  }

  #object(type: GraphQLNamedType, selection: SelectionSetNode, indent: string): string {
    const inner = `${indent}  `
    const fields = this.#fields(type, selection).map(
      ([name, text]) => `${inner}readonly ${name}: ${text(inner)}\n`,
    )
    return `{\n${fields.join('')}${indent}}`
  }

  #fields(
    type: GraphQLNamedType,
    { selections }: SelectionSetNode,
  ): readonly [string, (indent: string) => string][] {
    return selections.flatMap((node): readonly [string, (indent: string) => string][] => {
      if (node.kind === Kind.INLINE_FRAGMENT) return this.#fields(type, node.selectionSet)
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = this.#fragments.get(node.name.value)
        return fragment === undefined ? [] : this.#fields(type, fragment.selectionSet)
      }
      const hasFields = isObjectType(type) || isInterfaceType(type)
      const field = hasFields ? type.getFields()[node.name.value] : undefined
      const name = node.alias?.value ?? node.name.value
      if (field === undefined) return [[name, () => 'string']] // __typename
      return [[name, (indent) => this.#output(field.type, node.selectionSet, indent)]]
    })
  }

  #output(
    type: GraphQLOutputType,
    selection: SelectionSetNode | undefined,
    indent: string,
  ): string {
    if (!isNonNullType(type)) {
      const text = this.#nullable(type, selection, indent)
      return text === 'unknown' ? text : `${text} | null`
    }
    return this.#nullable(getNullableType(type), selection, indent)
  }

  #nullable(
    type: GraphQLOutputType,
    selection: SelectionSetNode | undefined,
    indent: string,
  ): string {
    if (isListType(type)) return `readonly (${this.#output(type.ofType, selection, indent)})[]`
    const named = getNamedType(type)
    if (isCompositeType(named) && selection !== undefined)
      return this.#object(named, selection, indent)
    return this.#leaf(named)
  }

  #input(type: GraphQLInputType): string {
    if (isNonNullType(type)) return this.#inputValue(getNullableType(type))
    const text = this.#inputValue(type)
    return text === 'unknown' ? text : `${text} | null`
  }

  #inputValue(type: GraphQLInputType): string {
    if (isListType(type)) return `readonly (${this.#input(type.ofType)})[]`
    const named = getNamedType(type)
    if (!isInputObjectType(named)) return this.#leaf(named)
    if (!this.#named.has(named.name)) {
      this.#named.set(named.name, '')
      const fields = Object.values(named.getFields()).map(
        (field) =>
          `  readonly ${field.name}${isNonNullType(field.type) ? '' : '?'}: ${this.#input(field.type)}\n`,
      )
      this.#named.set(named.name, `export interface ${named.name} {\n${fields.join('')}}\n`)
    }
    return named.name
  }

  #leaf(type: GraphQLNamedType): string {
    if (!isEnumType(type)) return scalars[type.name] ?? 'unknown'
    const values = type.getValues().map(({ name }) => `\n  | '${name}'`)
    this.#named.set(type.name, `export type ${type.name} =${values.join('')}\n`)
    return type.name
  }
}

if (process.argv[1] === import.meta.filename) writeFileSync(generatedFile, generate())
