// The parts of Prometheus' HTTP API that a validation asks, as plain facts.
import { Unreachable } from './checklist.ts'
import { ask, refusal, type Service } from './http-text.ts'
import { at, listAt, numberAt, parsed, textAt, textsAt } from './json-path.ts'
import type { Sample } from './exposition.ts'

export interface ScrapeTarget {
  readonly job: string
  readonly instance: string
  readonly url: string
  readonly health: string
  readonly lastError: string
  /** As Prometheus writes it. */
  readonly lastScrape: string
  readonly lastScrapeSeconds: number
  /** `1m30s` in seconds. */
  readonly timeoutSeconds: number
}

export interface QueryAnswer {
  readonly samples: readonly Omit<Sample, 'name'>[]
  /** Null: none. */
  readonly error: string | null
}

export interface PrometheusApi {
  /** @throws {Unreachable} */
  version(): Promise<string>
  targets(): Promise<readonly ScrapeTarget[]>
  query(expression: string): Promise<QueryAnswer>
}

export function prometheusApi(service: Service): PrometheusApi {
  const get = async (path: string, query = {}): Promise<unknown> => {
    const answer = await ask(service, path, { query })
    const body = parsed(answer.body)
    if (at(body, 'status') !== undefined) return body
    throw new Unreachable(
      `${service.name} is not at this address: ${refusal(answer)}.`,
      service.remedy,
    )
  }
  return {
    async version() {
      return textAt(await get('/api/v1/status/buildinfo'), 'data', 'version')
    },
    async targets() {
      const body = await get('/api/v1/targets', { state: 'active' })
      return listAt(body, 'data', 'activeTargets').map((target) => ({
        job: textAt(target, 'labels', 'job'),
        instance: textAt(target, 'labels', 'instance'),
        url: textAt(target, 'scrapeUrl'),
        health: textAt(target, 'health'),
        lastError: textAt(target, 'lastError'),
        lastScrape: textAt(target, 'lastScrape'),
        lastScrapeSeconds: numberAt(target, 'lastScrapeDuration'),
        timeoutSeconds: secondsOf(textAt(target, 'scrapeTimeout')),
      }))
    },
    async query(expression) {
      const body = await get('/api/v1/query', { query: expression })
      if (at(body, 'status') !== 'success') return { samples: [], error: textAt(body, 'error') }
      const isScalar = at(body, 'data', 'resultType') === 'scalar'
      const result = isScalar
        ? [{ value: at(body, 'data', 'result') }]
        : listAt(body, 'data', 'result')
      return {
        samples: result.map((each) => ({
          labels: textsAt(each, 'metric'),
          value: Number(textAt(each, 'value', 1)),
        })),
        error: null,
      }
    },
  }
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 }

/** `1m30s`, `500ms` */
function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit = 's']) => sum + Number(amount) * (unitSeconds[unit] ?? 1),
    0,
  )
}
