// Who is signed in. One query; everything else waits for it.
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { client, keepSession, Problem, take, type Session } from './client'

export const sessionKey = ['session'] as const
const workspaceName = 'visavis.workspace'
const signedInName = 'visavis.signed-in'

/** The workspace chosen last, while the user still sees it. */
export function chosenWorkspace(session: Session): string {
  const kept = localStorage.getItem(workspaceName)
  return kept && session.workspaces.includes(kept) ? kept : (session.workspaces[0] ?? '')
}

function keep(session: Session): Session {
  localStorage.setItem(signedInName, 'yes')
  keepSession(session.csrf, chosenWorkspace(session))
  return session
}

/** A browser that never signed in is not asked who it is: the answer would be an error in its console. */
async function ask(): Promise<Session | null> {
  if (!localStorage.getItem(signedInName)) return null
  try {
    return keep(await take<Session>(client.GET('/api/v1/session'), true))
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error
    localStorage.removeItem(signedInName)
    return null
  }
}

export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: ask, staleTime: Infinity, retry: 1 })
}

export type Credentials = { user: string; password: string } | { token: string }

export async function signIn(body: Credentials): Promise<Session> {
  return keep(await take<Session>(client.POST('/api/v1/session', { body }), true))
}

export function useSignOut() {
  const queries = useQueryClient()
  return useCallback(async () => {
    await take(client.DELETE('/api/v1/session'), true).catch(() => undefined)
    localStorage.removeItem(signedInName)
    keepSession('', '')
    queries.clear()
    queries.setQueryData(sessionKey, null)
  }, [queries])
}

export function useChooseWorkspace() {
  const queries = useQueryClient()
  return useCallback((session: Session, name: string) => {
    localStorage.setItem(workspaceName, name)
    keepSession(session.csrf, name)
    queries.removeQueries({ predicate: query => query.queryKey[0] !== sessionKey[0] })
    queries.setQueryData(sessionKey, { ...session })
  }, [queries])
}

function takeToken(name: 'login' | 'invite'): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get(name)
  if (token) history.replaceState(null, '', location.pathname + location.search)
  return token
}

/** The token of a login link, taken out of the address at once: it must not stay in the history. */
export const takeLoginToken = () => takeToken('login')
/** The same of a link to choose a password. */
export const takeInviteToken = () => takeToken('invite')

/** Whom a link to choose a password let in. */
export function begin(queries: QueryClient, session: Session) {
  queries.clear()
  queries.setQueryData(sessionKey, keep(session))
}

/** Another password begins another session, with a secret of its own. */
export function keepRenewed(queries: QueryClient, session: Session) {
  queries.setQueryData(sessionKey, keep(session))
  void queries.invalidateQueries({ queryKey: ['sessions'] })
}
