// What was really seen, and what was clicked. A decision counts as seen once, when half of it stood on the screen for one second;
// also one that the shop's server drew: <… data-visavis-decision="ID" data-visavis-list="home"> with data-visavis-item="…" inside.
import { all, later, on, safely, told } from './safe'
import { track } from './page'

const SECOND = 1000
const watched = new WeakSet<Element>()
const timers = new Map<Element, number>()
let observer: IntersectionObserver | undefined

const productsOf = (element: Element) =>
  all('[data-visavis-item]', element).map((item, index) => ({ product_id: told(item, 'item'), position: index + 1 }))

const about = (element: Element) => ({ decisionId: told(element, 'decision'), list_id: told(element, 'list') ?? told(element, 'place') })

function seen(element: Element) {
  observer!.unobserve(element)
  timers.delete(element)
  track('Product List Viewed', { ...about(element), products: productsOf(element) })
}

function stop(element: Element) {
  clearTimeout(timers.get(element))
  timers.delete(element)
}

function look(entries: IntersectionObserverEntry[]) {
  for (const { target, intersectionRatio, intersectionRect } of entries) {
    const half = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2
    if (!half) stop(target)
    else if (!timers.has(target) && document.visibilityState === 'visible') timers.set(target, later(() => seen(target), SECOND))
  }
}

export function watch(element: Element) {
  if (watched.has(element) || !told(element, 'decision')) return
  watched.add(element)
  observer ??= new IntersectionObserver(safely(look), { threshold: [0, 0.25, 0.5, 0.75, 1] })
  observer.observe(element)
}

/** What is in sight when a hidden page comes back is looked at from then on. */
function onVisibility() {
  for (const element of [...timers.keys()]) {
    stop(element)
    observer!.unobserve(element)
    observer!.observe(element)
  }
}

function onClick(event: Event) {
  const item = (event.target as Element).closest?.('[data-visavis-item]')
  const list = item?.closest('[data-visavis-decision]')
  if (!item || !list) return
  const position = productsOf(list).findIndex(({ product_id }) => product_id === told(item, 'item')) + 1
  track('Product Clicked', { ...about(list), product_id: told(item, 'item'), position }, true)
}

export function startSight() {
  on(document, 'click', onClick)
  on(document, 'auxclick', onClick)
  on(document, 'visibilitychange', onVisibility)
}
