-- One request over and over, as ORGKEYS_BENCH_* say (the key in no command line).
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/outcome.lua")
wrk.method = os.getenv("ORGKEYS_BENCH_METHOD")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("ORGKEYS_BENCH_KEY")
local body = os.getenv("ORGKEYS_BENCH_BODY")
if body then
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = body
end
