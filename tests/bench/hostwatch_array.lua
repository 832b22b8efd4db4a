-- 1,000 readings a request: ten seconds of 100 hosts.
local count = 0
local start = os.time() - 5 * 86400
wrk.method = "POST"
wrk.path = "/metrics"
wrk.headers["Content-Type"] = "application/json"
function request()
  count = count + 1
  local readings = {}
  for second = 1, 10 do
    for host = 0, 99 do
      readings[#readings + 1] = string.format(
        '{"hostname":"host-%d","timestamp":%d,"cpu":%.1f,"ram":41.5,"disk":73.2}',
        host, start + count * 10 + second, ((count + host * second) * 7 % 1000) / 10)
    end
  end
  return wrk.format(nil, nil, nil, "[" .. table.concat(readings, ",") .. "]")
end
