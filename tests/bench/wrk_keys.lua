-- The same GET with another key each time, of those in the file ORGKEYS_BENCH_KEYS, in turn. The
-- requests are made before the first is sent.
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/outcome.lua")
local requests = {}
local last = 0

function init()
   for key in io.lines(os.getenv("ORGKEYS_BENCH_KEYS")) do
      requests[#requests + 1] = wrk.format("GET", nil, { Host = wrk.headers["Host"], Authorization = "Bearer " .. key })
   end
end

function request()
   last = last % #requests + 1
   return requests[last]
end
