// A host that traces: OpenTelemetry's SDK, registered for one test, exporting to a receiver of OTLP.
import type { Sampler } from '@opentelemetry/sdk-trace-node'
import { onTestFinished } from 'vitest'
import {
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedSpan,
} from '../../../../tools/otlp-receiver.ts'
import { startProvider, stopProvider } from './provider.ts'

export interface HostTracing extends Pick<OtlpReceiver, 'url' | 'until'> {
  /** All that was exported so far; exports what has ended. */
  spans(): Promise<readonly ReceivedSpan[]>
  /** Every byte that was exported. */
  bytes(): Promise<string>
}

export async function traceHost({
  sampler,
}: { readonly sampler?: Sampler } = {}): Promise<HostTracing> {
  const receiver = await startOtlpReceiver()
  const provider = startProvider({ url: receiver.url, service: 'host', sampler })
  onTestFinished(async () => {
    await stopProvider(provider) // test files share a process
    await receiver.close()
  })
  return {
    url: receiver.url,
    until: (found) => receiver.until(found),
    async spans() {
      await provider.forceFlush()
      return receiver.spans
    },
    async bytes() {
      await provider.forceFlush()
      return receiver.bodies.join('\n')
    },
  }
}
