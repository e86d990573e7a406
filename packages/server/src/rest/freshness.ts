// What kept answers say of themselves: when they were made, whether for this caller, and until when they hold.
import type { Freshness } from '@tasker/engine'
import { z } from 'zod'
import { timestamp } from './schemas.ts'

export const freshness = {
  generated_at: timestamp,
  cached: z.boolean().meta({ description: 'It was made for an earlier request.' }),
  stale: z.boolean().meta({ description: 'Its time is over, and a new one is being made.' }),
  expires_at: timestamp.meta({ description: 'When it is made anew, if somebody asks.' }),
}

/** `isCached` is called `cached`, as in the first generation. */
export const showFreshness = ({ generatedAt, isCached, isStale, expiresAt }: Freshness) => ({
  generated_at: generatedAt,
  cached: isCached,
  stale: isStale,
  expires_at: expiresAt,
})
