// Where a request carries a token: in a header of its own, or as `Authorization: Bearer`. Other schemes are not read.
/** Null: none. Of `Authorization`, only the scheme Bearer counts: a bare value is none. */
export function bearerToken(request: Request): string | null {
  const header = request.headers.get('authorization') ?? ''
  return /^bearer +([^\s]+)$/i.exec(header.trim())?.[1] ?? null
}
