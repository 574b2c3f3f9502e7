// Places in the page and what is put there. The rules, in this order:
//
//  1. After the deadline the shop's own content stays, whatever comes.
//  2. What a visitor may have seen is not exchanged: a place is filled while it was never painted, is out of sight, or is empty.
//  3. Nothing on the screen moves: what would not fit into the room that is there is not put there.
import { Decision, decide, Wish } from './decide'
import { render } from './render'
import { all, debug, later, safely, told } from './safe'
import { deadline, stubTime } from './settings'
import { watch } from './sight'

export interface Asked { id: string, selector?: string, how?: 'replace' | 'before' | 'after', count?: number, reserve?: number,
  exclude?: string[], render?: (decision: Decision, element: HTMLElement) => void }

interface Place extends Asked { element: HTMLElement, hidden: boolean }

const taken = new WeakSet<Element>()
const asked: Asked[] = []
const filled: { element: HTMLElement, own: Node[], personalised: boolean }[] = []
let fresh: Place[] = []
// The stub hides places until then.
const veilUntil = stubTime === undefined ? 0 : stubTime + deadline
let told_: (decision: Decision, element: HTMLElement | null, state: string) => void = () => {}

const now = () => performance.now()
const painted = () => performance.getEntriesByName('first-contentful-paint').length > 0
const isEmpty = (element: HTMLElement) => !element.textContent!.trim() && !element.querySelector('img,video,svg,canvas,iframe')

function inSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect()
  return bottom > 0 && top < innerHeight
}

/** The parser has left it: its content is whole. */
function complete(element: Element): boolean {
  for (let at: Element | null = element; at && document.readyState === 'loading'; at = at.parentElement)
    if (at.nextSibling) return true
  return document.readyState !== 'loading'
}

// -- finding -----------------------------------------------------------------------------------------------------------------------

function make(wish: Asked, anchor: HTMLElement): HTMLElement | null {
  if (wish.how !== 'before' && wish.how !== 'after') return anchor
  const edge = anchor.getBoundingClientRect()[wish.how === 'before' ? 'top' : 'bottom']
  if (painted() && edge >= 0 && edge < innerHeight) return null // it would push what is being read
  const element = document.createElement('div')
  element.setAttribute('data-visavis-place', wish.id)
  if (wish.reserve) element.style.minHeight = `${wish.reserve}px`
  anchor[wish.how](element)
  return element
}

function take(wish: Asked, anchor: HTMLElement, unseen: boolean) {
  if (taken.has(anchor) || !complete(anchor)) return
  taken.add(anchor)
  const element = make(wish, anchor)
  if (!element) return debug('place', wish.id, 'is in sight')
  taken.add(element)
  const untouched = unseen || now() < veilUntil || !painted()
  if (!untouched && inSight(element) && !isEmpty(element)) return debug('place', wish.id, 'was seen already')
  if (wish.how !== 'before' && wish.how !== 'after') element.setAttribute('data-visavis-place', wish.id)
  const hidden = untouched && !isEmpty(element)
  if (hidden) element.style.visibility = 'hidden'
  if (!fresh.length) later(ask, 0) // those that come in one go are one call
  fresh.push({ ...wish, element, hidden })
}

/** unseen: just put into the page by a script, and not painted yet. */
export function findPlaces(unseen = false) {
  for (const element of all('[data-visavis-place]'))
    take({ id: told(element, 'place')!, count: Number(told(element, 'count')) || undefined }, element, unseen)
  for (const wish of asked) {
    const anchor = wish.selector ? document.querySelector<HTMLElement>(wish.selector) : null
    if (anchor) take(wish, anchor, unseen)
  }
  for (const element of all('[data-visavis-decision]')) watch(element)
}

// -- asking ------------------------------------------------------------------------------------------------------------------------

function ask() {
  const places = fresh.splice(0, 20)
  if (fresh.length) later(ask, 0)
  const until = veilUntil > now() ? veilUntil : now() + deadline
  const wishes = places.map(({ id, count, exclude }): Wish => ({ id, count, exclude }))
  const distinct = wishes.filter(({ id }, index) => wishes.findIndex(wish => wish.id === id) === index)
  const show = safely(({ element }: Place) => {
    element.style.visibility = ''
    element.setAttribute('data-visavis-ready', '')
  })
  let late = false
  later(() => {
    late = true
    places.forEach(show)
  }, until - now())
  void decide(distinct, Math.round(until - now())).then(decisions => {
    for (const place of late ? [] : places) {
      const decision = decisions?.find(({ placement }) => placement === place.id)
      if (decision) safely(put)(place, decision)
      show(place)
    }
    if (late || !decisions) debug('places', wishes, 'no answer in time')
  })
}

// -- putting -----------------------------------------------------------------------------------------------------------------------

function templateOf({ id, element }: Place): HTMLTemplateElement | null {
  return element.querySelector('template') ??
    all('template[data-visavis-template]').find(template => told(template, 'template') === id) as HTMLTemplateElement ?? null
}

/** What stood there comes back when the new does not fit. */
function put(place: Place, decision: Decision) {
  const { element, hidden } = place
  if (!decision.items.length) return told_(decision, element, 'empty')
  if (!hidden && !isEmpty(element) && inSight(element)) return told_(decision, element, 'seen')
  const own = [...element.childNodes]
  const room = element.offsetHeight
  const template = templateOf(place)
  element.style.minHeight ||= `${room}px`
  if (place.render) {
    element.replaceChildren()
    place.render(decision, element)
  } else {
    element.replaceChildren(...render(decision, template))
  }
  if (painted() && inSight(element) && element.offsetHeight > room) {
    element.replaceChildren(...own)
    debug('place', place.id, `needs more room than ${room}`)
    return told_(decision, element, 'too_tall')
  }
  element.setAttribute('data-visavis-decision', decision.id)
  filled.push({ element, own, personalised: decision.personalised })
  watch(element)
  told_(decision, element, 'shown')
}

/** After a withdrawal what was chosen for the person goes, and the shop's own content comes back. */
export function takeBackPersonal() {
  for (const { element, own, personalised } of filled.splice(0)) {
    if (!personalised) continue
    element.removeAttribute('data-visavis-decision')
    element.replaceChildren(...own)
  }
}

export function askFor(wish: Asked) {
  asked.push(wish)
  findPlaces()
}

export function startPlaces(tell: typeof told_) {
  told_ = tell
  findPlaces()
  new MutationObserver(safely(changes => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some(node => node instanceof Element))) findPlaces(true)
  })).observe(document.documentElement, { childList: true, subtree: true })
}
