-- A call for three placements by somebody known. Arguments: authorization, people, items, seed, delay_ms.
dofile("wrk/common.lua")
function init(args)
   read_arguments(args)
   people = tonumber(options.people)
   items = tonumber(options.items)
end

function request()
   local body = string.format(
      '{"user":{"anonymousId":"p%d"},"context":{"page":{"type":"product","url":"https://shop.example/item","itemId":"item-%d"},'
      .. '"cart":[{"itemId":"item-%d","quantity":1}]},"placements":[{"id":"home"},{"id":"product"},{"id":"basket"}]}',
      math.random(0, people - 1), skewed(items), skewed(items))
   return wrk.format("POST", "/v1/decide", nil, body)
end
