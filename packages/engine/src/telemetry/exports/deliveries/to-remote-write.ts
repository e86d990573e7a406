// To Prometheus and its kin by remote write 1.0, in batches. What it refuses for good is dropped and counted: another try would
// be refused as well.
import { hidePassword } from '../../../config/printable.ts'
import {
  DeliveryError,
  seriesCountOf,
  type Delivered,
  type DeliveryTools,
  type Shipment,
} from './delivery.ts'
import { addressOfPush, push, type PushTarget } from './push.ts'
import { loadEncoder, seriesOf } from './remote-write-message.ts'

export interface RemoteWrite extends PushTarget {
  /** Most series in one request. */
  readonly batchSize: number
  /** The label `instance` of series that have none; null: none. */
  readonly instanceLabel: string | null
}

/** @throws {DeliveryError} when nothing was taken, or the rest may be another time: writing again what was taken does no harm */
export async function toRemoteWrite(
  tools: DeliveryTools,
  target: RemoteWrite,
  { data, signal }: Shipment,
): Promise<Delivered> {
  const encode = await loadEncoder()
  const all = seriesOf(data, target.instanceLabel)
  let [bytes, droppedCount] = [0, 0]
  let fault: string | null = null
  for (let from = 0; from < all.length; from += target.batchSize) {
    const batch = all.slice(from, from + target.batchSize)
    try {
      bytes += await push(tools, target, {
        method: 'POST',
        contentType: 'application/x-protobuf',
        encoding: 'snappy',
        headers: { 'x-prometheus-remote-write-version': '0.1.0' },
        body: encode(batch, data.at),
        signal,
      })
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.failure !== 'refused') throw error
      droppedCount += batch.length
      fault = error.message
    }
  }
  if (fault !== null && droppedCount === seriesCountOf(data)) {
    throw new DeliveryError('refused', fault, { droppedCount })
  }
  return {
    destination: hidePassword(addressOfPush(target.url).href),
    bytes,
    droppedCount,
    fault: fault === null ? null : `${droppedCount} of ${all.length} series were dropped: ${fault}`,
  }
}
