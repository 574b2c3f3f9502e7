// Where each thing is seen to: the server names a screen, here it becomes an address.
import type { Schemas } from '../../api/client'
import type { Overview } from '../../api/queries'

type Need = Overview['needs'][number]

export function placeOf({ code, screen, id }: Need) {
  if (code === 'split_wrong') return { to: '/proof' as const, search: { placement: id } }
  if (screen === 'catalog') return { to: '/catalogue' as const, search: { view: 'feeds' as const, ...(id && { feed: id }) } }
  return { to: screen === 'placements' ? '/placements' as const : '/settings' as const }
}

const settings = { to: '/settings' } as const
const placements = { to: '/placements' } as const
const feeds = { to: '/catalogue', search: { view: 'feeds' } } as const
const file = { to: '/catalogue', search: { view: 'file' } } as const

const goalPlaces = {
  events_arrive: settings, catalog_loaded: file, placement_published: placements, placement_shown: settings, consent_given: settings,
  catalog_kept_fresh: feeds, recipe_personal: placements, effect_measured: placements, recipe_learns: placements,
  placement_explores: placements, effect_known: { to: '/proof' },
} as const satisfies Record<Schemas['Goal'], object>

export const goalPlace = (goal: Schemas['Goal']) => goalPlaces[goal]
