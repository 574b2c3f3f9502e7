-- What the wrk scripts share: arguments "name=value" after --, a number for each thread, a JSON line at the end.
local threads = 0
options = {}

function setup(thread)
   thread:set("thread_number", threads)
   threads = threads + 1
end

function read_arguments(args)
   for _, argument in ipairs(args) do
      local name, value = argument:match("^([%w_]+)=(.*)$")
      if name then options[name] = value end
   end
   math.randomseed(tonumber(options.seed or "1") * 7919 + thread_number)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   wrk.headers["Authorization"] = options.authorization
end

-- Small numbers often: how items are visited.
function skewed(count)
   return math.floor(count * math.random() ^ 2.5)
end

-- Open connections times this is the rate that is asked for; 0: as fast as answers come.
function delay()
   local ms = tonumber(options.delay_ms or "0")
   if ms == 0 then return 0 end
   return math.floor(ms * (0.5 + math.random()) + 0.5)
end

function done(summary, latency, requests)
   local seconds = summary.duration / 1e6
   local errors = summary.errors
   io.write(string.format(
      '{"per_second":%.0f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"requests":%d,"refused":%d,"broken":%d}\n',
      summary.requests / seconds, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
      summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
