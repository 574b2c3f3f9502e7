import { createContext, useContext } from 'react'
import type { Session } from '../api/client'

/** Whoever is signed in, for all screens. */
export const Signed = createContext<Session | null>(null)

export function useSigned(): Session {
  const session = useContext(Signed)
  if (!session) throw new Error('outside of the shell')
  return session
}

export const useMay = (scope: string) => useSigned().scopes.includes(scope)
