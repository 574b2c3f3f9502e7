// A placement's life: what is published, its draft, its versions, and what is commanded.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client, Problem, take, type Schemas } from './client'
import type { paths } from './generated'
import type { Placement, Placements } from './shapes'
import { whole } from '../screens/placements/model'

export type PlacementState = Omit<Schemas['PlacementState'], 'placement'> & { placement: Placement | null }
export type Draft = Omit<Schemas['DraftState']['draft'], 'placement'> & { placement: Placement }
export interface DraftState { draft: Draft; outdated: boolean }
export type VersionBrief = Schemas['PlacementVersions']['versions'][number]
export type Version = Omit<Schemas['PlacementVersion'], 'placement'> & { placement: Placement }
export type Published = Schemas['Published']

export const usePlacements = () => useQuery({
  queryKey: ['placements'],
  queryFn: () => take<Placements>(client.GET('/api/v1/placements')),
})

const readDrafts = async () => (await take<Schemas['Drafts']>(client.GET('/api/v1/drafts'))).drafts
export const useDrafts = () => useQuery({ queryKey: ['drafts'], queryFn: readDrafts })

/** Asked of the lists: that one is not there yet is no error. */
export async function isTaken(id: string) {
  const [{ placements }, drafts] = await Promise.all([take<Placements>(client.GET('/api/v1/placements')), readDrafts()])
  return placements.some(other => other.id === id) || drafts.some(other => other.id === id)
}

const at = (id: string) => ({ params: { path: { id } } })
const isMissing = (error: unknown) => error instanceof Problem && error.status === 404

export interface Life { state: PlacementState; draft: DraftState | null }

/** A draft is kept as it was written, short forms too. */
const readDraft = ({ draft, ...rest }: DraftState): DraftState => ({ ...rest, draft: { ...draft, placement: whole(draft.placement) } })

/** Null: neither published nor drafted. */
export async function readLife(id: string): Promise<Life | null> {
  try {
    const state = await take<PlacementState>(client.GET('/api/v1/placements/{id}', at(id)))
    const draft = state.drafted ? readDraft(await take<DraftState>(client.GET('/api/v1/placements/{id}/draft', at(id)))) : null
    return { state, draft }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

export const lifeKey = (id: string) => ['placement', id] as const
export const useLife = (id: string) => useQuery({ queryKey: lifeKey(id), queryFn: () => readLife(id) })

const VERSIONS_A_PAGE = 20
export const useVersions = (id: string) => useInfiniteQuery({
  queryKey: ['placement-versions', id],
  initialPageParam: undefined as number | undefined,
  queryFn: ({ pageParam: after }) => take<Schemas['PlacementVersions']>(client.GET('/api/v1/placements/{id}/versions', {
    params: { path: { id }, query: { limit: VERSIONS_A_PAGE, ...(after !== undefined && { after }) } },
  })),
  getNextPageParam: page => page.next,
})

export const useVersion = (id: string, version: number | undefined) => useQuery({
  queryKey: ['placement-version', id, version],
  queryFn: () => take<Version>(client.GET('/api/v1/placements/{id}/versions/{version}', { params: { path: { id, version: version ?? 0 } } })),
  enabled: version !== undefined,
  staleTime: Infinity,
})

/** base: the published revision that this draft takes on from. keepalive: a tab that closes still sends it. */
export const putDraft = async (placement: Placement, base?: string, keepalive = false) => readDraft(await take<DraftState>(client.PUT('/api/v1/placements/{id}/draft', {
  params: { path: { id: placement.id }, query: base ? { base } : {} },
  body: placement as unknown as Schemas['Placement'],
  keepalive,
})))

export const removeDraft = (id: string) => take<DraftState>(client.DELETE('/api/v1/placements/{id}/draft', at(id))).catch((error: unknown) => {
  if (!isMissing(error)) throw error
})

export type Command = { do: 'publish' | 'stop' | 'start' } | { do: 'rollback'; version: number }

const commandCall = (id: string, command: Command) => {
  switch (command.do) {
    case 'publish': return client.POST('/api/v1/placements/{id}/publish', at(id))
    case 'stop': return client.POST('/api/v1/placements/{id}/stop', at(id))
    case 'start': return client.POST('/api/v1/placements/{id}/start', at(id))
    case 'rollback': return client.POST('/api/v1/placements/{id}/rollback', { ...at(id), body: { version: command.version } })
  }
}

export function refresh(queries: QueryClient, id: string) {
  return Promise.all([['placements'], ['drafts'], lifeKey(id), ['placement-versions', id], ['overview'], ['report', id]].map(queryKey => queries.invalidateQueries({ queryKey })))
}

export function useCommand(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (command: Command) => take<Published>(commandCall(id, command)),
    onSettled: () => refresh(queries, id),
  })
}

export const useItemSearch = (q: string) => useQuery({
  queryKey: ['item-search', q],
  queryFn: () => take<Schemas['ItemsFound']>(client.GET('/api/v1/catalog/items', { params: { query: { q, limit: 20 } } })),
  enabled: q !== '',
  staleTime: 60_000,
})

export type PreviewBody = Omit<Schemas['PreviewRequest'], 'drafts' | 'as'> & { drafts?: boolean }
export type PreviewPerson = NonNullable<PreviewBody['people']>[number]
export type Previewed = Schemas['Preview']

/** of: what is previewed, so that another version or a changed draft is asked for anew. Nothing else asks twice: who is named leaves a row in the audit. */
export const usePreview = (body: PreviewBody, of: string | number, enabled: boolean) => useQuery({
  queryKey: ['preview', of, body],
  queryFn: () => take<Previewed>(client.POST('/api/v1/preview', { body: { drafts: false, as: 'marketer', ...body } })),
  enabled,
  staleTime: Infinity,
  gcTime: 0, // nothing of a person stays behind the page that showed it
  refetchOnWindowFocus: false,
  retry: false,
  placeholderData: keepPreviousData,
})

export interface Evaluation { state?: 'none' | 'running' | 'done' | 'stopped' | 'failed'; detail?: string; report?: Schemas['PlacementEvaluation'] }

const evaluationKey = (id: string) => ['evaluation', id] as const
export const useEvaluation = (id: string, lang: 'fr' | 'en') => useQuery({
  queryKey: [...evaluationKey(id), lang],
  queryFn: () => take<Evaluation>(client.GET('/api/v1/placements/{id}/evaluation', { params: { path: { id }, query: { lang } } })),
  refetchInterval: query => (query.state.data?.state === 'running' ? 1_000 : false),
})

export function useEvaluate(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wish: { since: string; placement?: Placement } | 'stop') => take(wish === 'stop'
      ? client.DELETE('/api/v1/placements/{id}/evaluation', at(id))
      : client.POST('/api/v1/placements/{id}/evaluation', { ...at(id), body: { days: 7, k: 20, people: 5000, ...wish } as unknown as EvaluationBody })),
    onSettled: () => queries.invalidateQueries({ queryKey: evaluationKey(id) }),
  })
}
type EvaluationBody = NonNullable<paths['/api/v1/placements/{id}/evaluation']['post']['requestBody']>['content']['application/json']
