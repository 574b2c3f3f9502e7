// What all pages share: the goods, the basket, cards, the frame. The shop works without Visavis; what it tells it are the calls
// visavis(…) and the data-visavis attributes, and nothing else.
import { lang, mine, say } from '/shop/words.js'

const money = new Intl.NumberFormat(lang === 'en' ? 'en-GB' : 'fr-FR', { style: 'currency', currency: 'EUR' })
export const price = amount => money.format(amount)

/** make('a.card', {href}, child, 'text'): an element; what begins with data- or aria- becomes an attribute. */
export function make(name, more = {}, ...inside) {
  const [tag, ...classes] = name.split('.')
  const element = document.createElement(tag)
  if (classes.length) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(more)) {
    if (value === undefined || value === false) continue
    if (key in element && !key.includes('-')) element[key] = value
    else element.setAttribute(key, value)
  }
  element.append(...inside.filter(part => part !== null && part !== undefined))
  return element
}

/** An address of the shop in the page's language. */
export function link(page, query = {}) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '' && value !== undefined))
  if (lang === 'en') asked.set('lang', 'en')
  return `/shop/${page}${asked.size ? `?${asked}` : ''}`
}

// -- the goods ---------------------------------------------------------------------------------------------------------------------

const { words, items: goods } = await (await fetch('/shop/catalog.json')).json()
const byId = new Map(goods.map(item => [item.id, item]))

export const items = goods
export const find = id => byId.get(id)
export const word = text => (lang === 'en' && words[text]) || text
export const titleOf = item => mine(item.title)
export const categoryName = path => path.split(' > ').map(word).at(-1)
export const inCategory = (item, path) => item.category === path || item.category.startsWith(`${path} > `)
export const inStock = item => (item.sizes ? item.sizes.some(([, , stock]) => stock > 0) : item.stock > 0)
export const aisles = [...new Set(goods.map(item => item.category.split(' > ')[0]))]
/** For places that nothing was chosen for: goods that are there, the same on every visit. */
export const ownChoice = (count, wanted = () => true) => goods.filter(item => inStock(item) && wanted(item))
  .filter((item, at, list) => at % Math.max(1, Math.floor(list.length / count)) === 0).slice(0, count)

// -- the basket and who is signed in: the shop's own memory, needed for what the visitor asked for -------------------------------------

const read = (name, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise
  } catch {
    return otherwise
  }
}
const keep = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value))
  } catch { /* without storage the basket lasts as long as the page */ }
}

export const basket = {
  lines: read('shop-basket', []).filter(line => find(line.item)),
  add(item, variant, quantity = 1) {
    const line = this.lines.find(one => one.item === item && one.variant === variant)
    if (line) line.quantity = Math.min(9, line.quantity + quantity)
    else this.lines.push({ item, variant, quantity })
    this.save()
  },
  save() {
    keep('shop-basket', this.lines)
    visavis('cart', this.lines.map(({ item, quantity }) => ({ itemId: item, quantity })))
    showCount()
  },
  get count() { return this.lines.reduce((sum, { quantity }) => sum + quantity, 0) },
  get total() { return this.lines.reduce((sum, { item, quantity }) => sum + find(item).price * quantity, 0) },
}

export const customer = {
  get now() { return read('shop-customer', null) },
  set now(who) { keep('shop-customer', who) },
  get orders() { return read('shop-orders', []) },
  set orders(list) { keep('shop-orders', list) },
}

/** An item as Segment's e-commerce events describe it. */
export const product = (item, more = {}) => ({
  product_id: item.id, name: item.title[0], brand: item.brand, category: item.category, price: item.price, currency: 'EUR', ...more,
})

// -- cards and places ----------------------------------------------------------------------------------------------------------------

/** One card for all lists: without an item it is the template that the tag fills. What is seen first loads 'eager'. */
export function card(item, loading = 'lazy') {
  const field = name => (item ? {} : { 'data-visavis-field': name })
  const href = item && link('product.html', { id: item.id })
  const picture = make('img', { alt: '', width: 300, height: 300, loading, src: item && `/shop/images/${item.id}.svg`, ...field('image') })
  const why = item ? null : make('details.why', {}, make('summary', {}, say('why')), make('p', field('reason')))
  const cost = make('p.price', {}, make('b', field('price'), item ? price(item.price) : ''),
    item?.listPrice ? make('s', {}, price(item.listPrice)) : null)
  if (!item) cost.append(make('s', field('listPrice')))
  return make('article.card', {},
    make('a', { href, ...field('url') }, picture, make('span.brand', field('brand'), item?.brand ?? ''),
      make('h3', field('title'), item ? titleOf(item) : '')),
    cost, make('div.under', {}, why ?? (item && !inStock(item) ? make('span.gone', {}, say('soldOut')) : null)))
}

export const grid = list => make('div.grid', {}, ...list.map(item => card(item)))

/** A place that Visavis fills, with what the shop shows otherwise. */
export function place(id, title, own, loading) {
  const list = make('div.grid.place', { 'data-visavis-place': id, 'data-visavis-count': 4 }, ...own.map(item => card(item, loading)))
  const template = make('template', { 'data-visavis-template': id })
  template.content.append(card(null, loading))
  return make('section', {}, make('h2', {}, title), list, template)
}

/** Where the visitor is: what decisions are made for. Before the places are put into the page. */
export function tellPage({ itemId, category }) {
  if (itemId) document.body.setAttribute('data-visavis-item', itemId)
  if (category) document.body.setAttribute('data-visavis-category', category)
}

export function trail(path, last) {
  const steps = path.split(' > ').map((_, at, all) => all.slice(0, at + 1).join(' > '))
  const links = steps.map((step, at) => make('li', {},
    !last && at === steps.length - 1 ? make('span', { 'aria-current': 'page' }, categoryName(step))
      : make('a', { href: link('category.html', { c: step }) }, categoryName(step))))
  return make('nav.trail', { 'aria-label': say('here') }, make('ol', {}, make('li', {}, make('a', { href: link('') }, say('home'))), ...links))
}

// -- the frame -------------------------------------------------------------------------------------------------------------------------

function showCount() {
  const bubble = document.querySelector('#count')
  if (bubble) bubble.textContent = basket.count ? `\u00a0(${basket.count})` : ''
}

/** The menu in the order of the visitor's habit: hidden until the answer or for 300 ms, so that nothing is seen to move. */
function menu() {
  const entries = new Map(aisles.map(name => [name, make('li', {}, make('a', { href: link('category.html', { c: name }) }, word(name)))]))
  const list = make('ul.waiting', {}, ...entries.values())
  const show = () => list.classList.remove('waiting')
  const late = setTimeout(show, 300)
  visavis('decide', ['menu'], decisions => {
    const order = decisions?.[0]?.order ?? []
    if (list.classList.contains('waiting')) list.append(...order.map(name => entries.get(name)).filter(Boolean))
    clearTimeout(late)
    show()
  })
  return make('nav.menu', { 'aria-label': say('aisles') }, list)
}

function otherLanguage() {
  const query = new URLSearchParams(location.search)
  if (lang === 'en') query.delete('lang')
  else query.set('lang', 'en')
  const other = lang === 'en' ? 'fr' : 'en'
  return make('a', { href: `${location.pathname}${query.size ? `?${query}` : ''}`, lang: other, hreflang: other }, say('other'))
}

function header() {
  const find = make('form.find', { action: '/shop/search.html', role: 'search' },
    make('input', { type: 'search', name: 'q', placeholder: say('searchFor'), 'aria-label': say('searchFor'), autocomplete: 'off' }),
    lang === 'en' ? make('input', { type: 'hidden', name: 'lang', value: 'en' }) : null,
    make('button', {}, say('search')))
  const mark = make('a.mark', { href: link('') }, make('img', { src: '/shop/mark.svg', alt: '', width: 36, height: 36 }), 'Hautesente')
  const who = customer.now
  return [make('a.skip', { href: '#main' }, say('skip')), make('p.label', {}, say('label')),
    make('div.bar', {}, mark, find, make('nav.own', { 'aria-label': say('account') },
      make('a', { href: link('account.html') }, who ? who.firstName : say('account')),
      make('a', { href: link('basket.html') }, say('basket'), make('span', { id: 'count' })), otherLanguage())),
    menu()]
}

function footer() {
  return [make('p', {}, say('label')), make('p', {},
    make('a', { href: '#', 'data-visavis-consent': '' }, say('cookies')), ' · ', make('a', { href: link('privacy.html') }, say('privacy')))]
}

// Asking why is no visit of the item: the click stays with the card.
document.querySelector('#main').addEventListener('click', event => {
  if (event.target.closest('.why')) event.stopPropagation()
})

/** Draws the page in one go; what is null is left out. */
export function draw(title, ...content) {
  document.title = `${title} · ${say('shop')}`
  visavis('cart', basket.lines.map(({ item, quantity }) => ({ itemId: item, quantity })))
  document.querySelector('#top').replaceChildren(...header())
  document.querySelector('#main').replaceChildren(...content.filter(Boolean))
  document.querySelector('#bottom').replaceChildren(...footer())
  showCount()
}
