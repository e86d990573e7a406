// What a host that traces does when it starts: OpenTelemetry's SDK, exporting OTLP. Needs no test runner.
import { context, propagation, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider, type Sampler } from '@opentelemetry/sdk-trace-node'

export interface ProviderOptions {
  /** Where spans are sent. */
  readonly url: string
  readonly service: string
  /** Default: only when the provider is flushed, so that nothing is on its way when that has ended. */
  readonly exportEveryMs?: number
  readonly sampler?: Sampler | undefined
}

export function startProvider(options: ProviderOptions): NodeTracerProvider {
  const { url, service, exportEveryMs = 3_600_000, sampler } = options
  const exporter = new OTLPTraceExporter({ url })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: exportEveryMs })],
    ...(sampler === undefined ? {} : { sampler }),
  })
  provider.register()
  return provider
}

/** What was registered is registered for the whole process: it goes too. */
export async function stopProvider(provider: NodeTracerProvider): Promise<void> {
  trace.disable()
  context.disable()
  propagation.disable()
  await provider.shutdown()
}
