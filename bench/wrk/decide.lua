-- A call for three placements by somebody known. Arguments: authorization, people, items, seed, delay_ms, placements=a,b,c,
-- drawn=uniform (each call another person, at random) or visits (VISITS at once, of about CALLS_A_VISIT calls each).
dofile("wrk/common.lua")
local VISITS, CALLS_A_VISIT = 500, 8
local wishes = {}
local visits = {}

function init(args)
   read_arguments(args)
   people = tonumber(options.people)
   items = tonumber(options.items)
   for id in (options.placements or "home,product,basket"):gmatch("[^,]+") do
      wishes[#wishes + 1] = string.format('{"id":"%s"}', id)
   end
   wishes = table.concat(wishes, ",")
end

-- Whoever has made the last call of a visit is followed by somebody else.
function visitor()
   if options.drawn ~= "visits" then return math.random(0, people - 1) end
   local number = math.random(VISITS)
   local visit = visits[number]
   if not visit or visit.calls == 0 then
      visit = {person = math.random(0, people - 1), calls = math.random(CALLS_A_VISIT * 2 - 1)}
      visits[number] = visit
   end
   visit.calls = visit.calls - 1
   return visit.person
end

function request()
   local body = string.format(
      '{"user":{"anonymousId":"p%d"},"context":{"page":{"type":"product","url":"https://shop.example/item","itemId":"item-%d"},'
      .. '"cart":[{"itemId":"item-%d","quantity":1}]},"placements":[%s]}',
      visitor(), skewed(items), skewed(items), wishes)
   return wrk.format("POST", "/v1/decide", nil, body)
end
