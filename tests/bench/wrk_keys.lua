-- The same GET with another key each time, of those in the file ORGKEYS_BENCH_KEYS, in turn; with
-- ORGKEYS_BENCH_RATE, that many a second. The requests are made before the first is sent.
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/outcome.lua")
if os.getenv("ORGKEYS_BENCH_RATE") then
   dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/pace.lua")
end
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
