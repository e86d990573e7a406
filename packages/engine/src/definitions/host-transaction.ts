// The part of a pg client that crosses the public door: what a handler or a caller in a transaction uses.

/** A `pg` client or anything with its `query`. Pass the client of an open transaction. */
export interface DatabaseClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>
}
