-- A call for three placements by somebody known. Arguments: authorization, people, items, seed, delay_ms, placements=a,b,c.
dofile("wrk/common.lua")
local wishes = {}

function init(args)
   read_arguments(args)
   people = tonumber(options.people)
   items = tonumber(options.items)
   for id in (options.placements or "home,product,basket"):gmatch("[^,]+") do
      wishes[#wishes + 1] = string.format('{"id":"%s"}', id)
   end
   wishes = table.concat(wishes, ",")
end

function request()
   local body = string.format(
      '{"user":{"anonymousId":"p%d"},"context":{"page":{"type":"product","url":"https://shop.example/item","itemId":"item-%d"},'
      .. '"cart":[{"itemId":"item-%d","quantity":1}]},"placements":[%s]}',
      math.random(0, people - 1), skewed(items), skewed(items), wishes)
   return wrk.format("POST", "/v1/decide", nil, body)
end
