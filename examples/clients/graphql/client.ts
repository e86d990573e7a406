// A GraphQL client of a few lines: fetch, with the types of operations.generated.ts. It needs nothing of Tasker but its address.

/** An operation, with the types of what it takes and answers. */
export interface Operation<Data, Variables> {
  readonly query: string
  /** Not there: it only says the types. */
  readonly types?: (variables: Variables) => Data
}

export interface Connection {
  /** `https://example.com/tasker/graphql` */
  readonly url: string
  readonly token?: string
}

interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string }
  }[]
}

/** Throws when anything of the answer is missing: what was refused as a value stands in `userErrors`. */
export async function ask<Data, Variables>(
  { url, token }: Connection,
  { query }: Operation<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as Answer<Data> // as the schema says, which the types were made of
  const { data = null, errors = [] } = answer
  if (data !== null && errors.length === 0) return data
  const reasons = errors.map(
    ({ message, extensions }) => `${extensions?.code ?? 'ERROR'}: ${message}`,
  )
  throw new Error(reasons.join('\n') || `The server answered ${response.status}.`)
}
