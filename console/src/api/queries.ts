// What screens ask for, one hook a question.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, take, type Schemas, type User } from './client'
import type { Erasure, Explanation, OpenSession, Person } from './shapes'
import type { Language } from '../i18n'

export type Report = Schemas['PlacementReport']

export type Overview = Schemas['Overview']

export const useOverview = () => useQuery({
  queryKey: ['overview'],
  queryFn: () => take<Overview>(client.GET('/api/v1/overview')),
  refetchInterval: 30_000,
})

export const useReport = (id: string, lang: Language) => useQuery({
  queryKey: ['report', id, lang],
  queryFn: () => take<Report>(client.GET('/api/v1/reports/placements/{id}', { params: { path: { id }, query: { lang } } })),
})

/** The record of a moment that has just come may still be on its way to the disk: asked again for a while. */
export const useExplanation = (id: string, lang: Language, enabled: boolean) => useQuery({
  queryKey: ['decision', id, lang],
  queryFn: () => take<Explanation>(client.GET('/v1/decisions/{id}', { params: { path: { id }, query: { as: 'marketer', lang } } })),
  enabled,
  staleTime: Infinity,
  retry: 3,
  retryDelay: attempt => 400 * (attempt + 1),
})

export const useWhyNot = (id: string, item: string, lang: Language) => useQuery({
  queryKey: ['why-not', id, item, lang],
  queryFn: () => take<Schemas['WhyNot']>(client.GET('/v1/decisions/{id}/why-not/{item}', { params: { path: { id, item }, query: { as: 'marketer', lang } } })),
  enabled: item !== '',
})

export const usePerson = (identifier: string) => useQuery({
  queryKey: ['person', identifier],
  queryFn: () => take<Person>(client.GET('/api/v1/people/{identifier}', { params: { path: { identifier } } })),
  enabled: identifier !== '',
  staleTime: 60_000, // every look-up leaves a row in the audit
  gcTime: 0, // nothing of a person stays behind the page that showed it
})

export const useErasePerson = () => useMutation({
  mutationFn: (identifier: string) => take<Erasure>(client.DELETE('/api/v1/people/{identifier}', { params: { path: { identifier } } })),
})

export const useUsers = () => useQuery({
  queryKey: ['users'],
  queryFn: async () => (await take<{ users: User[] }>(client.GET('/api/v1/users'))).users,
})

export type UserChange =
  | { do: 'add'; body: { user: string; role: User['role']; locale: Language } }
  | { do: 'edit'; user: string; body: { role?: User['role']; disabled?: boolean } }
  | { do: 'reset' | 'remove'; user: string }

const userCall = (change: UserChange) => {
  switch (change.do) {
    case 'add': return client.POST('/api/v1/users', { body: change.body })
    case 'edit': return client.PATCH('/api/v1/users/{user}', { params: { path: { user: change.user } }, body: change.body })
    case 'reset': return client.POST('/api/v1/users/{user}/reset', { params: { path: { user: change.user } } })
    case 'remove': return client.DELETE('/api/v1/users/{user}', { params: { path: { user: change.user } } })
  }
}

export function useChangeUser() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: UserChange) => take<User>(userCall(change)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['users'] }),
  })
}

export const useOpenSessions = () => useQuery({
  queryKey: ['sessions'],
  queryFn: async () => (await take<{ sessions: OpenSession[] }>(client.GET('/api/v1/sessions'))).sessions,
})

export function useEndSession() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
}
