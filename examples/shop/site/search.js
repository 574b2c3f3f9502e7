import { mine, say } from '/shop/words.js'
import { draw, grid, items, make, ownChoice, place, word } from '/shop/shop.js'

const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const text = (new URLSearchParams(location.search).get('q') ?? '').trim().slice(0, 100)
const wanted = plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean).map(one => (one.length > 3 ? one.replace(/[sx]$/, '') : one))

/** Every word must be found; in the title it counts most. */
function weigh(item) {
  const title = plain(mine(item.title))
  const rest = plain([item.brand, item.category.split(' > ').map(word).join(' '), mine(item.text), ...Object.values(item.attributes).map(word),
    item.attributes.waterproof === 'oui' ? say('waterproof') : ''].join(' '))
  let sum = 0
  for (const one of wanted) {
    if (title.includes(one)) sum += 3
    else if (rest.includes(one)) sum += 1
    else return 0
  }
  return sum
}

const found = items.map(item => [weigh(item), item]).filter(([weight]) => weight > 0).sort(([a], [b]) => b - a).map(([, item]) => item)
if (text) visavis('track', 'Products Searched', { query: text })
const title = !text ? say('askSearch') : say('results', text)
draw(title, make('h1', {}, title),
  text ? make('p.amount', { role: 'status' }, found.length ? say('items', found.length) : say('noResult', text)) : null,
  found.length ? make('h2.aside', {}, say('allOf')) : null, grid(found.slice(0, 24)),
  place('recherche-idees', say('ideas'), ownChoice(4)))
