import { say } from '/shop/words.js'
import { basket, draw, find, link, make, ownChoice, place, price, product, titleOf } from '/shop/shop.js'

const sizeOf = (item, variant) => item.sizes?.find(([id]) => id === variant)?.[1]

function line(entry) {
  const item = find(entry.item), size = sizeOf(item, entry.variant)
  const amounts = Array.from({ length: 9 }, (_, at) => make('option', { value: at + 1, selected: entry.quantity === at + 1 }, String(at + 1)))
  const change = event => {
    entry.quantity = Number(event.target.value)
    basket.save()
    redraw()
  }
  const remove = () => {
    basket.lines.splice(basket.lines.indexOf(entry), 1)
    basket.save()
    visavis('track', 'Product Removed', product(item, { variant_id: entry.variant, quantity: entry.quantity }))
    redraw()
    document.querySelector('#main').focus()
  }
  return make('li', {}, make('img', { src: `/shop/images/${item.id}.svg`, alt: '', width: 96, height: 96 }),
    make('div', {}, make('a', { href: link('product.html', { id: item.id }) }, titleOf(item)), make('span.brand', {}, item.brand + (size ? ` · ${say('size')} ${size}` : ''))),
    make('select', { 'aria-label': say('quantityOf', titleOf(item)), onchange: change }, ...amounts),
    make('b', {}, price(item.price * entry.quantity)),
    make('button.plain', { type: 'button', 'aria-label': say('removeOf', titleOf(item)), onclick: remove }, say('remove')))
}

function contents() {
  if (!basket.lines.length) return [make('p', {}, say('emptyBasket')), make('p', {}, make('a.door', { href: link('') }, say('goOn')))]
  return [make('ul.lines', {}, ...basket.lines.map(line)), make('p.total', {}, `${say('total')} `, make('b', {}, price(basket.total))),
    make('p', {}, make('a.door', { href: link('checkout.html') }, say('checkout')))]
}

const held = make('div.basket')
const redraw = () => held.replaceChildren(...contents())
redraw()
visavis('track', 'Cart Viewed', { products: basket.lines.map(({ item, quantity }) => product(find(item), { quantity })) })
draw(say('basket'), make('h1', {}, say('basket')), held,
  place('panier-complements', say('complete'), ownChoice(4, item => item.price < 50)))
