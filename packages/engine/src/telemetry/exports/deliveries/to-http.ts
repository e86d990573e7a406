// To any address that takes a format over HTTP, and to collectors of OTLP, which take it at `/v1/metrics`.
import { hidePassword } from '../../../config/printable.ts'
import {
  DeliveryError,
  seriesCountOf,
  type Delivered,
  type DeliveryTools,
  type Shipment,
} from './delivery.ts'
import { addressOfPush, push, type PushTarget } from './push.ts'

export interface HttpPush extends PushTarget {
  readonly method?: 'POST' | 'PUT' | undefined
  readonly compression?: 'gzip' | undefined
}

/** @throws {DeliveryError} */
export async function toHttp(
  tools: DeliveryTools,
  target: HttpPush,
  { data, rendered, signal }: Shipment,
): Promise<Delivered> {
  if (rendered === null) throw new DeliveryError('refused', 'its exporter renders nothing')
  const { body, contentType } = rendered
  try {
    const bytes = await push(tools, target, {
      method: target.method ?? 'POST',
      contentType,
      body: typeof body === 'string' ? Buffer.from(body) : body,
      encoding: target.compression,
      signal,
    })
    const destination = hidePassword(addressOfPush(target.url).href)
    return { destination, bytes, droppedCount: 0, fault: null }
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.failure !== 'refused') throw error
    throw new DeliveryError('refused', error.message, { droppedCount: seriesCountOf(data) })
  }
}

/** The base address of a collector, or the whole one of its metrics. */
export const otlpUrl = (url: string): string => withPath(url, '/v1/metrics')

/** The URL with this at the end of its path, unless it stands there already. */
export function withPath(url: string, path: string): string {
  const address = new URL(url)
  const given = address.pathname.replace(/\/+$/, '')
  if (!given.endsWith(path)) address.pathname = `${given}${path}`
  return address.href
}
