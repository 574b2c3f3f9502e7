// The same shop in two frames of one origin: as the reader, and as somebody simulated who follows from page to page.
import { useEffect, useState } from 'react'
import type { Simulated, Visitor } from '../../api/tour'
import { useSpeech } from '../../i18n'

export type Side = 'you' | 'them'

const LOOK_MS = 400

/** What the demo shop's pages read in a frame (src/api/pages/shop-as.js): whose page this is. */
const nameOf = (visitor: Visitor | null) => JSON.stringify({ visavisAs: visitor ?? {} })

/** Decisions that stand on the frame's page now. */
function decisionsOf(frame: HTMLIFrameElement | null): string[] {
  const placed = frame?.contentDocument?.querySelectorAll('[data-visavis-decision]') ?? []
  return Array.from(placed, element => element.getAttribute('data-visavis-decision') ?? '').filter(Boolean)
}

export interface Met { side: Side; level: number | null }

/** Whose each decision is, as soon as a page shows it; level: at which it was made for them. */
export function useMet(you: React.RefObject<HTMLIFrameElement | null>, them: React.RefObject<HTMLIFrameElement | null>, level: number) {
  const [met, setMet] = useState<ReadonlyMap<string, Met>>(new Map())
  useEffect(() => {
    const look = () => {
      const yours = decisionsOf(you.current).map((id): [string, Met] => [id, { side: 'you', level: null }])
      const theirs = decisionsOf(them.current).map((id): [string, Met] => [id, { side: 'them', level }])
      const found = [...yours, ...theirs]
      setMet(before => (found.every(([id]) => before.has(id)) ? before : new Map([...found, ...before])))
    }
    const timer = setInterval(look, LOOK_MS)
    return () => { clearInterval(timer) }
  }, [you, them, level])
  return met
}

/** Where a frame is in the shop. */
function placeOf(frame: HTMLIFrameElement | null): string | null {
  const location = frame?.contentWindow?.location
  return location?.pathname.startsWith('/shop/') ? location.pathname + location.search : null
}

interface YouProps { frame: React.RefObject<HTMLIFrameElement | null>; them: React.RefObject<HTMLIFrameElement | null>; start: string; moved: (place: string) => void }

/** Where this frame goes the other one follows. */
export function You({ frame, them, start, moved }: YouProps) {
  const { t } = useSpeech()
  const [src] = useState(start)
  const lead = () => {
    const place = placeOf(frame.current)
    if (!place) return
    moved(place)
    if (placeOf(them.current) !== place) them.current?.contentWindow?.location.replace(place)
  }
  return <iframe ref={frame} className="face" title={t.tour.frameYou} src={src} onLoad={lead} />
}

interface ThemProps { frame: React.RefObject<HTMLIFrameElement | null>; start: string; person: Simulated; visitor: Visitor | null }

/** Another visitor is another frame (by its key): it begins where the reader is. */
export function Them({ frame, start, person, visitor }: ThemProps) {
  const { t } = useSpeech()
  const [src] = useState(start)
  return <iframe ref={frame} className="face" name={nameOf(visitor)} title={t.tour.frameThem(person.name)} src={src} />
}
