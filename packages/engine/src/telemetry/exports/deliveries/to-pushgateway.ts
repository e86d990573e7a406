// To a pushgateway: the metrics of a job take the place of those that it held for the same job and grouping. It keeps what it has
// until it is told to forget it: nobody does so here.
import type { Delivered, DeliveryTools, Shipment } from './delivery.ts'
import type { PushTarget } from './push.ts'
import { toHttp, withPath } from './to-http.ts'

export interface Pushgateway extends PushTarget {
  /** Default `tasker`. */
  readonly job?: string | undefined
  /** Labels beside the job; with another value they name other metrics. */
  readonly grouping?: Readonly<Record<string, string>> | undefined
}

/** @throws {DeliveryError} */
export function toPushgateway(
  tools: DeliveryTools,
  { job = 'tasker', grouping = {}, url, ...target }: Pushgateway,
  shipment: Shipment,
): Promise<Delivered> {
  const labels = [['job', job] as const, ...Object.entries(grouping)]
  const path = labels.map(([name, value]) => `/${inPath(name, value)}`).join('')
  return toHttp(
    tools,
    { ...target, url: withPath(url, `/metrics${path}`), method: 'PUT' },
    shipment,
  )
}

/** What cannot stand in a path is given in base64, which the pushgateway reads under a name that says so. */
const inPath = (name: string, value: string): string =>
  /^[^/]+$/.test(value)
    ? `${name}/${encodeURIComponent(value)}`
    : `${name}@base64/${value === '' ? '=' : Buffer.from(value).toString('base64url')}`
