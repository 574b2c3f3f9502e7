import { lang, say } from '/shop/words.js'
import { categoryName, draw, grid, inCategory, inStock, items, link, make, ownChoice, place, tellPage, trail, word } from '/shop/shop.js'

const query = new URLSearchParams(location.search)
const path = query.get('c') ?? ''
const here = items.filter(item => inCategory(item, path))

/** The levels right below this one. */
const depth = path.split(' > ').length
const below = [...new Set(here.map(item => item.category.split(' > ').slice(0, depth + 1).join(' > ')))].filter(one => one !== path)

const tests = {
  size: value => item => item.sizes?.some(([, size, stock]) => size === value && stock > 0),
  gender: value => item => item.attributes.gender === value || item.attributes.gender === 'mixte',
  activity: value => item => item.attributes.activity === value,
  waterproof: () => item => item.attributes.waterproof === 'oui',
  stock: () => inStock,
}
const orders = { cheap: (a, b) => a.price - b.price, dear: (a, b) => b.price - a.price }

function choice(name, label, values, any = say('any')) {
  if (values.length < 2) return null
  const options = [['', any], ...values].map(([value, text]) => make('option', { value, selected: (query.get(name) ?? '') === value }, text))
  return make('label', {}, make('span', {}, label), make('select', { name }, ...options))
}
const tick = (name, label) => make('label.tick', {}, make('input', { type: 'checkbox', name, value: '1', checked: query.has(name) }), label)
const values = read => [...new Set(here.flatMap(read))].filter(Boolean)
const hidden = (name, value) => make('input', { type: 'hidden', name, value })

function filters() {
  const order = ['XS', 'S', 'M', 'L', 'XL', 'XXL']
  const sizes = values(item => item.sizes?.map(([, size]) => size) ?? [])
    .sort((a, b) => order.indexOf(a) - order.indexOf(b) || parseInt(a) - parseInt(b))
  return make('form.filters', { action: '/shop/category.html', 'aria-label': say('filters') },
    hidden('c', path), lang === 'en' ? hidden('lang', 'en') : null,
    choice('size', say('size'), sizes.map(size => [size, size]), say('anySize')),
    choice('gender', say('gender'), values(item => [item.attributes.gender]).filter(one => one !== 'mixte').map(one => [one, word(one)])),
    choice('activity', say('activity'), values(item => [item.attributes.activity]).map(one => [one, word(one)])),
    choice('sort', say('sort'), [['cheap', say('sortCheap')], ['dear', say('sortDear')]], say('sortShop')),
    tick('waterproof', say('waterproof')), tick('stock', say('inStock')),
    make('button', {}, say('filter')), make('a', { href: link('category.html', { c: path }) }, say('clear')))
}

const wanted = Object.entries(tests).filter(([name]) => query.get(name)).map(([name, test]) => test(query.get(name)))
const shown = here.filter(item => wanted.every(test => test(item)))
if (orders[query.get('sort')]) shown.sort(orders[query.get('sort')])
else shown.sort((a, b) => inStock(b) - inStock(a))

const title = categoryName(path) || say('aisles')
tellPage({ category: path })
draw(title, trail(path),
  make('h1', {}, title),
  below.length ? make('ul.chips', {}, ...below.map(one => make('li', {}, make('a', { href: link('category.html', { c: one }) }, categoryName(one))))) : null,
  place('categorie-meilleures', say('bestHere'), ownChoice(4, item => inCategory(item, path))),
  make('section', {}, make('h2', {}, say('allOf')), filters(),
    make('p.amount', { role: 'status' }, shown.length ? say('items', shown.length) : say('nothing')), grid(shown)))
