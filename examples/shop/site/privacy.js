import { say } from '/shop/words.js'
import { draw, make } from '/shop/shop.js'

draw(say('privacy'), make('h1', {}, say('privacy')), ...say('privacyText').map(text => make('p', {}, text)))
