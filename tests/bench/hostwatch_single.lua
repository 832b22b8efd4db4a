-- One reading a request, 100 hosts in turn, times that grow.
local count = 0
local start = os.time() - 5 * 86400
wrk.method = "POST"
wrk.path = "/metrics"
wrk.headers["Content-Type"] = "application/json"
function request()
  count = count + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"hostname":"host-%d","timestamp":%d,"cpu":%.1f,"ram":41.5,"disk":73.2}',
    count % 100, start + math.floor(count / 100), (count * 7 % 1000) / 10))
end
