// NestJS as a host, on Express: `imports: [taskerModule(server)]`. Its parsers of bodies, prefixes and guards are not Tasker's;
// closing the application ends the live streams first. On Fastify, register the plugin of that.
import type { TaskerServer } from '../server.ts'
import { expressHandler } from './express.ts'

/** What is used of Nest's consumer of middleware. */
interface ConsumerPart {
  getHttpAdapter(): { getType(): string; use(handler: ReturnType<typeof expressHandler>): unknown }
}

/** @throws {Error} when the application does not run on Express */
export function taskerModule(server: TaskerServer): { readonly module: new () => object } {
  class TaskerModule {
    configure(consumer: object): void {
      // Nest hands over its builder of middleware, which has the adapter too.
      const adapter = (consumer as ConsumerPart).getHttpAdapter()
      if (adapter.getType() !== 'express')
        throw new Error(
          `taskerModule needs Nest on Express, not on "${adapter.getType()}"; there, register fastifyPlugin.`,
        )
      adapter.use(expressHandler(server))
    }
    async beforeApplicationShutdown(): Promise<void> {
      await server.close()
    }
  }
  return { module: TaskerModule }
}
