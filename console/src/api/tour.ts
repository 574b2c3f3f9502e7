// Whom vis-à-vis can show: GET /api/v1/simulated.
import { useQuery } from '@tanstack/react-query'
import { client, Problem, take } from './client'

export interface Taste { attribute: string; value: string; taste: number }
export interface Visitor { level: number; anonymousId: string; userId?: string; userSignature?: string }
export interface Simulated {
  number: number
  name: string
  city: string
  visitors: Visitor[]
  truth: { discounts: string; visitsPerDay: number; tastes: Taste[] }
}

/** Empty where there is no demo. Signatures hold for an hour. */
export const useSimulated = (enabled: boolean) => useQuery({
  queryKey: ['simulated'],
  queryFn: async () => {
    try {
      return (await take<{ people: Simulated[] }>(client.GET('/api/v1/simulated'))).people
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return []
      throw error
    }
  },
  enabled,
  staleTime: 1_800_000,
})
