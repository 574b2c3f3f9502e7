// A real shop's server knows who is signed in and signs it (docs/signing.md): visavis('identify', id, traits, signature). A page of
// files has no server and no secret, so here the name is a claim: it is kept with the visit and opens nobody's history.
import { lang, say } from '/shop/words.js'
import { customer, draw, make, price } from '/shop/shop.js'

const CUSTOMERS = [
  { id: 'shop-camille', firstName: 'Camille', lastName: 'Exemple', city: 'Grenoble' },
  { id: 'shop-idris', firstName: 'Idris', lastName: 'Exemple', city: 'Lyon' },
  { id: 'shop-maelle', firstName: 'Maëlle', lastName: 'Exemple', city: 'Brest' },
  { id: 'shop-noah', firstName: 'Noah', lastName: 'Example', city: 'Edinburgh' },
]

function signIn(who) {
  customer.now = who
  visavis('identify', who.id, { firstName: who.firstName, lastName: who.lastName, email: `${who.id}@example.org`, address: { city: who.city } })
  show()
}

function signOut() {
  customer.now = null
  visavis('reset')
  show()
}

const day = at => new Date(at).toLocaleDateString(lang === 'en' ? 'en-GB' : 'fr-FR', { dateStyle: 'long' })

function show() {
  const who = customer.now
  const title = who ? say('hello', who.firstName) : say('whoAreYou')
  const orders = customer.orders
  draw(title, make('h1', {}, title), ...who
    ? [make('p', {}, make('button', { type: 'button', onclick: signOut }, say('signOut'))), make('h2', {}, say('orders')),
      orders.length ? make('ul.summary', {}, ...orders.map(({ id, total, at }) => make('li', {}, `${id} · ${day(at)}`, make('b', {}, price(total))))) : make('p', {}, say('noOrders'))]
    : [make('p', {}, say('whoText')), make('ul.people', {}, ...CUSTOMERS.map(one => make('li', {},
      make('button.person', { type: 'button', onclick: () => signIn(one) },
        make('span.face', { 'aria-hidden': 'true' }, one.firstName[0]), make('b', {}, make('span.aside', {}, `${say('signIn')} `), one.firstName), make('span', {}, one.city)))))],
  make('p.note', {}, say('claim')))
}

show()
