// Arguments of GraphQL as the engine takes options: what is null was left out.
type Given<Input> = {
  [Key in keyof Input]?: Exclude<Input[Key], null> | undefined
}

export function given<Input extends object>(input: Input): Given<Input> {
  const entries = Object.entries(input).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Given<Input> // the same keys, without those that were null
}

export const isGiven = <Value>(value: Value): value is NonNullable<Value> =>
  value !== null && value !== undefined
