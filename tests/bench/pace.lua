-- For scripts that send ORGKEYS_BENCH_RATE requests a second, as far as the server answers in time.
local ffi = require("ffi")
ffi.cdef("struct timespec { long seconds; long nanoseconds; }; int clock_gettime(int, struct timespec *);")
local CLOCK_MONOTONIC = 1
local clock = ffi.new("struct timespec")
local interval = 1e6 / tonumber(os.getenv("ORGKEYS_BENCH_RATE")) -- microseconds
local due

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
