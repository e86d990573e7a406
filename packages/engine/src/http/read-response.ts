// From the bytes of a response to what its caller reads: unpacked, decoded, parsed when it says that it is JSON. A status
// that speaks of an error is never lost to a body that cannot be read.
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { Json } from '../json.ts'
import type { Incoming } from './exchange.ts'
import { Fault } from './fault.ts'

/** @throws {Fault} HTTP_RESPONSE_TOO_LARGE; of a 2xx HTTP_RESPONSE_INVALID */
export async function readBody(incoming: Incoming, maxBytes: number): Promise<Json> {
  const contentType = incoming.headers['content-type'] ?? ''
  const isSuccess = incoming.status >= 200 && incoming.status < 300
  try {
    const bytes = await unpack(incoming, maxBytes)
    if (bytes.length === 0) return null
    return isJson(contentType) ? parse(bytes, isSuccess) : decode(bytes, contentType)
  } catch (error) {
    if (isSuccess || !(error instanceof Fault) || error.code !== 'HTTP_RESPONSE_INVALID')
      throw error
    return null
  }
}

const isJson = (contentType: string): boolean =>
  /^\s*(?:application|text)\/(?:[\w.!#$&^+-]{1,100}\+)?json\s*(?:;|$)/i.test(contentType)

const unpackers: Readonly<
  Record<string, (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

async function unpack({ headers, bytes }: Incoming, maxBytes: number): Promise<Buffer> {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity' || bytes.length === 0) return bytes
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined
  if (unpacker === undefined) {
    throw invalid('it is packed in a way that was not asked for (content-encoding)')
  }
  try {
    // Stops as soon as there is more: a small response that unpacks to gigabytes takes no more memory than the limit.
    return await unpacker(bytes, { maxOutputLength: Math.max(maxBytes, 1) })
  } catch (error) {
    if (error instanceof RangeError) {
      const message = `the response is larger than ${maxBytes} bytes when unpacked`
      throw new Fault('HTTP_RESPONSE_TOO_LARGE', message, error)
    }
    throw invalid(`it cannot be unpacked (${encoding})`, error)
  }
}

function parse(bytes: Buffer, isSuccess: boolean): Json {
  const text = decode(bytes, '')
  try {
    return JSON.parse(text) as Json // what JSON.parse returns is JSON
  } catch {
    // No cause: the message of a SyntaxError shows what stands in the body.
    if (isSuccess) throw invalid('it says that it is JSON and is not')
    return text
  }
}

/** As the charset of its content type says; without one, or with one that nobody knows, as UTF-8. */
function decode(bytes: Buffer, contentType: string): string {
  const label = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

const invalid = (what: string, cause?: unknown): Fault =>
  new Fault('HTTP_RESPONSE_INVALID', `the response cannot be read: ${what}`, cause)
