// A draft under one's hands: kept on the server as one types, beside the live version. What the server has not taken yet (refused, or not
// reached) is kept in this browser, so that a closed tab loses nothing.
import { useQueryClient } from '@tanstack/react-query'
import { createContext, useCallback, useContext, useEffect, useReducer, useRef } from 'react'
import { Problem } from '../../api/client'
import { lifeKey, putDraft, type Life } from '../../api/placements'
import type { Placement } from '../../api/shapes'

const PAUSE_MS = 500

/** outdated: another version was published since this draft began. */
export type Saving = 'none' | 'waiting' | 'kept' | 'refused' | 'unreached' | 'outdated'

export interface Editing {
  placement: Placement
  saving: Saving
  /** What the server refused, by where it stands: "/rules/2/min". */
  errors: ReadonlyMap<string, string>
  error: Error | null
  change: (next: Placement) => void
  /** Takes the draft on from what is published now. */
  takeOn: (revision: string) => void
  /** What waits to be kept is not: the draft goes. */
  forget: () => void
}

interface State { placement: Placement; saving: Saving; errors: ReadonlyMap<string, string>; error: Error | null }
type Action = { placement: Placement } | { saving: Saving } | { error: Error }

const nothing: ReadonlyMap<string, string> = new Map()
const errorsOf = ({ told }: Problem) => new Map((told.errors ?? []).map(({ pointer, detail }) => [pointer ?? '', detail ?? '']))

function reduce(state: State, action: Action): State {
  if ('placement' in action) return { ...state, placement: action.placement, saving: state.saving === 'outdated' ? 'outdated' : 'waiting' }
  if ('saving' in action) return { ...state, saving: action.saving, errors: nothing, error: null }
  const { error } = action
  if (error instanceof Problem && error.status === 409) return { ...state, saving: 'outdated', errors: nothing, error: null }
  return error instanceof Problem && error.status < 500
    ? { ...state, saving: 'refused', errors: errorsOf(error), error }
    : { ...state, saving: 'unreached', error }
}

const nameOf = (workspace: string, id: string) => `visavis.unsent.${workspace}.${id}`

interface Unsent { placement: Placement; base: string }
function unsentOf(name: string): Unsent | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null') as Unsent | null
  } catch {
    return null
  }
}

function begin({ life, name }: { life: Life; name: string }): State {
  const unsent = unsentOf(name)
  const placement = unsent?.placement ?? life.draft?.draft.placement ?? life.state.placement
  if (!placement) throw new Error('neither published nor drafted')
  return { placement, saving: unsent ? 'waiting' : life.draft?.outdated ? 'outdated' : life.draft ? 'kept' : 'none', errors: nothing, error: null }
}

/** The first save says from where it began: a draft that begins now must not undo what was published meanwhile. */
export function useEditing(life: Life, workspace: string): Editing {
  const { id } = life.draft?.draft.placement ?? life.state.placement ?? { id: '' }
  const name = nameOf(workspace, id)
  const queries = useQueryClient()
  const [state, dispatch] = useReducer(reduce, { life, name }, begin)
  const work = useRef({ next: null as Placement | null, base: life.draft ? '' : life.state.revision, busy: false, timer: 0 })

  const send = useCallback(async (keepalive = false) => {
    const { current } = work
    clearTimeout(current.timer)
    if (current.busy) return
    current.busy = true
    while (current.next) {
      const sent = current.next
      current.next = null
      try {
        const answer = await putDraft(sent, current.base, keepalive)
        current.base = ''
        queries.setQueryData<Life | null>(lifeKey(id), known => known && { state: { ...known.state, drafted: true }, draft: answer })
        if (work.current.next) continue
        localStorage.removeItem(name)
        dispatch({ saving: answer.outdated ? 'outdated' : 'kept' })
      } catch (error) {
        dispatch({ error: error instanceof Error ? error : new Error(String(error)) })
      }
    }
    current.busy = false
  }, [queries, id, name])

  const change = useCallback((placement: Placement) => {
    const { current } = work
    dispatch({ placement })
    current.next = placement
    localStorage.setItem(name, JSON.stringify({ placement, base: current.base } satisfies Unsent))
    clearTimeout(current.timer)
    current.timer = window.setTimeout(() => void send(), PAUSE_MS)
  }, [name, send])

  useEffect(() => {
    const { current } = work
    const unsent = unsentOf(name)
    if (unsent) {
      current.next = unsent.placement
      current.base = unsent.base
      void send()
    }
    const leave = () => { if (document.visibilityState === 'hidden') void send(true) }
    document.addEventListener('visibilitychange', leave)
    return () => {
      document.removeEventListener('visibilitychange', leave)
      void send()
    }
  }, [name, send])

  const takeOn = useCallback((revision: string) => {
    const { current } = work
    current.base = revision
    current.next ??= state.placement
    dispatch({ saving: 'waiting' })
    void send()
  }, [send, state.placement])

  const forget = useCallback(() => {
    work.current.next = null
    clearTimeout(work.current.timer)
    localStorage.removeItem(name)
  }, [name])

  return { ...state, change, takeOn, forget }
}

/** For the fields of the editor, however deep they stand. */
export const Edited = createContext<Editing | null>(null)
export function useEdited(): Editing {
  const editing = useContext(Edited)
  if (!editing) throw new Error('outside of the editor')
  return editing
}
