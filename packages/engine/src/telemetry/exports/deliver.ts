// Brings metrics to a target: chooses its delivery. What a target needs rendered is rendered before.
import type { Config } from '../../config.ts'
import {
  DeliveryError,
  type Delivered,
  type DeliveryTools,
  type Shipment,
} from './deliveries/delivery.ts'
import { toFile } from './deliveries/to-file.ts'
import { otlpUrl, toHttp } from './deliveries/to-http.ts'
import { toPushgateway } from './deliveries/to-pushgateway.ts'
import { toRemoteWrite } from './deliveries/to-remote-write.ts'
import type { Target } from './targets.ts'

export interface DeliveryParts extends DeliveryTools {
  readonly config: Config
  /** Of this process. */
  readonly instance: string
}

/** Remote write makes its own message of the data. */
export const isRendered = ({ to }: Target): boolean => to !== 'remote_write'

/**
 * Null: its exporter has delivered by itself.
 * @throws {DeliveryError}
 */
export async function deliver(
  { config, instance, ...tools }: DeliveryParts,
  { settings }: Target,
  shipment: Shipment,
): Promise<Delivered | null> {
  const { exports, prometheus } = config.telemetry
  switch (settings.to) {
    case 'file':
      return toFile({ storageRoot: exports.storageRoot, path: settings.path }, shipment)
    case 'http':
      return toHttp(tools, settings, shipment)
    case 'otlp':
      return toHttp(tools, { ...settings, url: otlpUrl(settings.url) }, shipment)
    case 'pushgateway':
      return toPushgateway(tools, settings, shipment)
    case 'remote_write': {
      // Sums of all processes are nobody's own: with the label of whoever exports they would be other series each time.
      const isOfOne = shipment.data.scope === 'process' && prometheus.includeInstanceLabels
      const instanceLabel = isOfOne ? instance : null
      return toRemoteWrite(
        tools,
        { ...settings, batchSize: prometheus.batchSize, instanceLabel },
        shipment,
      )
    }
    case 'exporter':
      if (shipment.rendered === null) return null
      throw new DeliveryError(
        'refused',
        `the exporter "${settings.exporter}" has rendered the metrics and not delivered them`,
      )
    default:
      return settings satisfies never
  }
}
