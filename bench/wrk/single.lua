-- One message a request, each with its own messageId. Arguments: authorization, people, items, seed.
dofile("wrk/common.lua")
local counter = 0

function init(args)
   read_arguments(args)
   people = tonumber(options.people)
   items = tonumber(options.items)
end

function request()
   counter = counter + 1
   local body = string.format(
      '{"messageId":"s%s-%d-%d","anonymousId":"p%d","event":"Product Viewed","properties":{"product_id":"item-%d"},'
      .. '"context":{"page":{"url":"https://shop.example/item/%d"},"consent":{"categoryPreferences":{"personalise":true,"learn":true}}}}',
      options.seed, thread_number, counter, math.random(0, people - 1), skewed(items), counter)
   return wrk.format("POST", "/v1/track", nil, body)
end
