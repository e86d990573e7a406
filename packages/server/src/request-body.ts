// The body of a request as JSON: its type checked, its size bounded while it is read, whatever its sender says of it.
import { TaskerError } from '@tasker/engine'

/** An empty body is an empty object. @throws {TaskerError} MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, BODY_MALFORMED */
export async function readJson(request: Request, bodyMaxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, bodyMaxBytes)
  if (bytes.byteLength === 0) return {}
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !/^application\/[\w.+-]+\+json$/.test(type)) {
    const given = type === '' ? 'no content type' : `the content type "${type}"`
    throw new TaskerError('MEDIA_TYPE_UNSUPPORTED', `The body has ${given}, not JSON.`)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    throw new TaskerError('BODY_MALFORMED', 'The body is not JSON in UTF-8.')
  }
}

async function readBytes(request: Request, bodyMaxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): TaskerError =>
    new TaskerError('BODY_TOO_LARGE', `The body has more than ${bodyMaxBytes} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > bodyMaxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<Uint8Array> | null = request.body
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > bodyMaxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
