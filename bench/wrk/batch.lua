-- A hundred messages a request. Arguments: authorization, people, items, seed.
dofile("wrk/common.lua")
local counter = 0

function init(args)
   read_arguments(args)
   people = tonumber(options.people)
   items = tonumber(options.items)
end

function request()
   counter = counter + 1
   local rows = {}
   for i = 1, 100 do
      rows[i] = string.format(
         '{"type":"track","messageId":"b%s-%d-%d-%d","anonymousId":"p%d","event":"Product Viewed","properties":{"product_id":"item-%d"}}',
         options.seed, thread_number, counter, i, math.random(0, people - 1), skewed(items))
   end
   local body = '{"context":{"consent":{"categoryPreferences":{"personalise":true,"learn":true}}},"batch":[' .. table.concat(rows, ",") .. "]}"
   return wrk.format("POST", "/v1/batch", nil, body)
end
