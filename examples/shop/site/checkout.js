import { say } from '/shop/words.js'
import { basket, customer, draw, find, link, make, price, product, titleOf } from '/shop/shop.js'

const who = customer.now
const field = (name, label, value, autocomplete) => make('label', {}, make('span', {}, label),
  make('input', { name, value, required: true, autocomplete }))
const way = (value, text, checked) => make('label.tick', {}, make('input', { type: 'radio', name: 'delivery', value, checked }), text)
const products = () => basket.lines.map(({ item, variant, quantity }) => product(find(item), { variant_id: variant, quantity }))

function place(event) {
  event.preventDefault()
  const order = { id: `H${Date.now().toString(36).toUpperCase()}`, total: Number(basket.total.toFixed(2)), at: new Date().toISOString() }
  visavis('track', 'Order Completed', { order_id: order.id, total: order.total, currency: 'EUR', products: products() })
  customer.orders = [order, ...customer.orders].slice(0, 20)
  basket.lines.length = 0
  basket.save()
  draw(say('thanks'), make('h1', {}, say('thanks')), make('p', { role: 'status' }, say('orderNumber', order.id)),
    make('p', {}, make('a.door', { href: link('') }, say('goOn'))))
  document.querySelector('#main').focus()
}

if (basket.lines.length) {
  visavis('track', 'Checkout Started', { value: Number(basket.total.toFixed(2)), currency: 'EUR', products: products() })
  const form = make('form.paper', { onsubmit: place, 'data-visavis-form': 'checkout' },
    field('name', say('name'), who ? `${who.firstName} ${who.lastName}` : 'Camille Exemple', 'off'),
    field('city', say('city'), who?.city ?? 'Chamonix', 'off'),
    make('fieldset', {}, make('legend', {}, say('delivery')), way('home', say('deliveryHome'), true), way('hut', say('deliveryHut'), false)),
    make('button', {}, say('order')))
  const summary = make('section.paper', {}, make('h2', {}, say('summary')), make('ul.summary', {}, ...basket.lines.map(({ item, quantity }) =>
    make('li', {}, `${quantity} × ${titleOf(find(item))}`, make('b', {}, price(find(item).price * quantity))))),
  make('p.total', {}, `${say('total')} `, make('b', {}, price(basket.total))))
  draw(say('checkoutTitle'), make('h1', {}, say('checkoutTitle')), make('p', {}, say('checkoutText')), make('div.two', {}, form, summary))
} else {
  draw(say('basket'), make('h1', {}, say('emptyBasket')), make('p', {}, make('a.door', { href: link('') }, say('goOn'))))
}
