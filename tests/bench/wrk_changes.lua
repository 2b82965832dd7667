-- Creates service accounts' keys at ORGKEYS_BENCH_CREATE and deletes them below ORGKEYS_BENCH_DELETE,
-- ORGKEYS_BENCH_RATE requests a second, as far as the server answers in time.
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/outcome.lua")
local ffi = require("ffi")
ffi.cdef("struct timespec { long seconds; long nanoseconds; }; int clock_gettime(int, struct timespec *);")
local CLOCK_MONOTONIC = 1
local clock = ffi.new("struct timespec")
local create_path = os.getenv("ORGKEYS_BENCH_CREATE")
local delete_path = os.getenv("ORGKEYS_BENCH_DELETE")
local interval = 1e6 / tonumber(os.getenv("ORGKEYS_BENCH_RATE")) -- microseconds
local created = {}
local due

wrk.headers["Authorization"] = "Bearer " .. os.getenv("ORGKEYS_BENCH_KEY")
wrk.headers["Content-Type"] = "application/json"

local function now_microseconds()
   ffi.C.clock_gettime(CLOCK_MONOTONIC, clock)
   return tonumber(clock.seconds) * 1e6 + tonumber(clock.nanoseconds) / 1000
end

-- Milliseconds before the next request. What could not be sent in time is sent late, for a second.
function delay()
   local now = now_microseconds()
   due = math.max((due or now) + interval, now - 1e6)
   return math.max(0, math.floor((due - now) / 1000))
end

function request()
   local id = table.remove(created)
   if id then
      return wrk.format("DELETE", delete_path .. "/" .. id)
   end
   return wrk.format("POST", create_path, nil, "{}")
end

function response(status, headers, body)
   local id = body:match('"object":"organization.project.service_account.api_key".*"id":"([%w_]+)"')
   if id then
      created[#created + 1] = id
   end
end
