// What the catalogue's screens ask for.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, take, type Schemas } from './client'
import type { Feeds, FeedSettings, Item, Prices } from './shapes'
import type { Language } from '../i18n'

export type ItemFound = Schemas['ItemFound']

export interface ItemsWanted { q?: string; category?: string; stock?: 'in' | 'out' }

/** A page may be short or empty and still have another: the server looks at so many items a call. */
export const useItems = ({ q, category, stock }: ItemsWanted) => useInfiniteQuery({
  queryKey: ['items', q ?? '', category ?? '', stock ?? ''],
  queryFn: ({ pageParam, signal }) => take<Schemas['ItemsFound']>(client.GET('/api/v1/catalog/items', {
    params: { query: { ...(q && { q }), ...(category && { category }), ...(stock && { in_stock: stock === 'in' }), ...(pageParam && { after: pageParam }), limit: 50 } },
    signal,
  })),
  initialPageParam: '',
  getNextPageParam: page => page.next,
  placeholderData: before => before,
})

export const useItem = (id: string, lang: Language) => useQuery({
  queryKey: ['item', id, lang],
  queryFn: () => take<Item>(client.GET('/api/v1/catalog/items/{id}', { params: { path: { id }, query: { lang } } })),
  enabled: id !== '',
})

export const usePrices = (id: string) => useQuery({
  queryKey: ['prices', id],
  queryFn: () => take<Prices>(client.GET('/api/v1/catalog/items/{id}/prices', { params: { path: { id } } })),
  enabled: id !== '',
})

export const useAlike = (id: string) => useQuery({
  queryKey: ['alike', id],
  queryFn: () => take<Schemas['ItemsAlike']>(client.GET('/api/v1/catalog/items/{id}/alike', { params: { path: { id } } })),
  enabled: id !== '',
})

export const useFeeds = () => useQuery({
  queryKey: ['feeds'],
  queryFn: () => take<Feeds>(client.GET('/api/v1/feeds')),
  refetchInterval: query => (query.state.data?.feeds.some(feed => feed.running) ? 1_000 : 15_000),
})

/** What a feed may have changed is asked anew with it. */
function useAfterFeed() {
  const queries = useQueryClient()
  return () => Promise.all(['feeds', 'feed-versions', 'items', 'overview'].map(key => queries.invalidateQueries({ queryKey: [key] })))
}

export type FeedStep = 'run' | 'approve' | 'reject'

const feedCall = (id: string, step: FeedStep) => {
  const options = { params: { path: { id } } }
  switch (step) {
    case 'run': return client.POST('/api/v1/feeds/{id}/run', options)
    case 'approve': return client.POST('/api/v1/feeds/{id}/approve', options)
    case 'reject': return client.POST('/api/v1/feeds/{id}/reject', options)
  }
}

export function useFeedStep() {
  const after = useAfterFeed()
  return useMutation({ mutationFn: ({ id, step }: { id: string; step: FeedStep }) => take(feedCall(id, step)), onSettled: after })
}

export function usePutFeed() {
  const after = useAfterFeed()
  return useMutation({
    mutationFn: ({ id, settings }: { id: string; settings: FeedSettings }) => take(client.PUT('/api/v1/feeds/{id}', { params: { path: { id } }, body: settings })),
    onSettled: after,
  })
}

export function useDeleteFeed() {
  const after = useAfterFeed()
  return useMutation({ mutationFn: (id: string) => take(client.DELETE('/api/v1/feeds/{id}', { params: { path: { id } } })), onSettled: after })
}

export interface FeedVersion { until: string; by: string; settings: FeedSettings }

export const useFeedVersions = (id: string) => useQuery({
  queryKey: ['feed-versions', id],
  queryFn: () => take<{ versions: FeedVersion[] }>(client.GET('/api/v1/feeds/{id}/versions', { params: { path: { id } } })),
})
