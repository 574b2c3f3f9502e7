import { useCallback, useState } from 'react'

/** What is being typed, kept in this browser until it is sent or dropped: a closed tab loses nothing. */
export function useDraft<T extends object>(name: string, begin: T) {
  const key = `visavis.draft.${name}`
  const [draft, setDraft] = useState<T>(() => {
    try {
      return { ...begin, ...JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<T> }
    } catch {
      return begin
    }
  })
  const change = useCallback((part: Partial<T>) => {
    setDraft(before => {
      const next = { ...before, ...part }
      localStorage.setItem(key, JSON.stringify(next))
      return next
    })
  }, [key])
  const drop = useCallback(() => { localStorage.removeItem(key) }, [key])
  return { draft, change, drop }
}
