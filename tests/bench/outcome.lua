-- For the other scripts: the outcome as one line of JSON. Times in microseconds; `refused` are
-- replies of 400 and above, `busy` is the part of the time that wrk's own thread was running.
function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "microseconds": %d, "errors": %d, "refused": %d, "median": %d, "p99": %d, "busy": %.3f}\n',
      summary.requests, summary.duration,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(99), os.clock() * 1e6 / summary.duration))
end
