// Which fields an answer has: `fields` names exactly those, `include` adds some, what addresses a thing is always there. What
// is not shown is not read.

export interface FieldsAsked {
  readonly fields?: readonly string[] | undefined
  readonly include?: readonly string[] | undefined
}

export type Fields = ReadonlySet<string>

export const fieldsOf = (
  { fields, include = [] }: FieldsAsked,
  kind: { readonly always: readonly string[]; readonly usual: readonly string[] },
): Fields => new Set([...kind.always, ...(fields ?? kind.usual), ...include])

export const pick = (shown: object, fields: Fields): object =>
  Object.fromEntries(Object.entries(shown).filter(([key]) => fields.has(key)))
