-- Creates service accounts' keys at ORGKEYS_BENCH_CREATE and deletes them below ORGKEYS_BENCH_DELETE,
-- ORGKEYS_BENCH_RATE requests a second.
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/outcome.lua")
dofile(os.getenv("ORGKEYS_BENCH_SCRIPTS") .. "/pace.lua")
local create_path = os.getenv("ORGKEYS_BENCH_CREATE")
local delete_path = os.getenv("ORGKEYS_BENCH_DELETE")
local created = {}

wrk.headers["Authorization"] = "Bearer " .. os.getenv("ORGKEYS_BENCH_KEY")
wrk.headers["Content-Type"] = "application/json"

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
