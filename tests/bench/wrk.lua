-- One request over and over, as ORGKEYS_BENCH_* say (the key in no command line); the outcome is
-- one line of JSON, times in microseconds.
wrk.method = os.getenv("ORGKEYS_BENCH_METHOD")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("ORGKEYS_BENCH_KEY")
local body = os.getenv("ORGKEYS_BENCH_BODY")
if body then
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = body
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "microseconds": %d, "errors": %d, "median": %d, "p99": %d}\n',
      summary.requests, summary.duration,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
