// What the settings' pages ask for and command.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Language } from '../i18n'
import { client, take, type Schemas, type Session } from './client'

export type Key = Schemas['Key']
export type ShopSettings = Schemas['Settings']
export type Integration = Schemas['Integration']
export type Health = Schemas['Health']
export type Backups = Schemas['Backups']
export type Invitation = Schemas['Invitation']

export interface Refused { id: string; time: string; reason: string; field?: string; message?: string }

export const useKeys = (enabled = true) => useQuery({
  queryKey: ['keys'],
  queryFn: () => take<{ keys: Key[]; usedSince: string }>(client.GET('/api/v1/keys')),
  enabled,
})

export interface KeyWish { kind: 'write' | 'secret'; name: string; scopes?: string[]; origins?: string[]; expiresInDays?: number }
export type KeyChange =
  | { do: 'add'; body: KeyWish }
  | { do: 'edit'; id: string; body: { origins?: string[]; addOrigin?: string } }
  | { do: 'revoke'; id: string }

const keyCall = (change: KeyChange) => {
  switch (change.do) {
    case 'add': return client.POST('/api/v1/keys', { body: change.body })
    case 'edit': return client.PATCH('/api/v1/keys/{id}', { params: { path: { id: change.id } }, body: change.body })
    case 'revoke': return client.DELETE('/api/v1/keys/{id}', { params: { path: { id: change.id } } })
  }
}

export function useChangeKey() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: KeyChange) => take<Key>(keyCall(change)),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['keys'] }), queries.invalidateQueries({ queryKey: ['integration'] })]),
  })
}

export const useShopSettings = () => useQuery({
  queryKey: ['settings'],
  queryFn: () => take<ShopSettings>(client.GET('/api/v1/settings')),
})

export type SettingsChange = Partial<Pick<ShopSettings, 'timezone' | 'currency' | 'locale' | 'cmpFiltersBefore' | 'consentCategories' | 'categoryMap'>>

export function useChangeSettings() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: SettingsChange) => take<ShopSettings>(client.PATCH('/api/v1/settings', { body })),
    onSuccess: settings => { queries.setQueryData(['settings'], settings) },
  })
}

export const useIntegration = (paused: boolean) => useQuery({
  queryKey: ['integration'],
  queryFn: () => take<Integration>(client.GET('/api/v1/integration')),
  refetchInterval: paused ? false : 2_000,
})

/** Each reading leaves a row in the audit: asked only when somebody wants it. */
export const useRefused = (lang: Language, enabled: boolean) => useQuery({
  queryKey: ['refused', lang],
  queryFn: async () => (await take<{ refused: Refused[] }>(client.GET('/api/v1/refused', { params: { query: { lang, limit: 50 } } }))).refused,
  enabled,
  staleTime: Infinity,
  gcTime: 0,
})

export const useHealth = () => useQuery({
  queryKey: ['health'],
  queryFn: () => take<Health>(client.GET('/api/v1/health')),
  refetchInterval: 5_000,
})

export const useBackups = () => useQuery({
  queryKey: ['backups'],
  queryFn: () => take<Backups>(client.GET('/api/v1/backups')),
  refetchInterval: query => (query.state.data?.job?.runs ? 500 : 30_000),
})

/** A backup without a name is a new one; with a name it is read through. */
export function useBackup() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string | null) => take<Backups>(name === null ? client.POST('/api/v1/backups') : client.POST('/api/v1/backups/{name}/check', { params: { path: { name } } })),
    onSuccess: backups => { queries.setQueryData(['backups'], backups) },
  })
}

export const lookAtInvitation = (token: string) => take<Invitation>(client.POST('/api/v1/session/invitation', { body: { token } }), true)
export const takeInvitation = (token: string, password: string) => take<Session>(client.POST('/api/v1/session/invitation', { body: { token, password } }), true)
