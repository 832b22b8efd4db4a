-- 1,000 readings a request: ten seconds of 100 hosts. What does not change is made once, so that the load costs little
-- beside the server.
local count = 0
local start = os.time() - 5 * 86400
local pieces = {}
for second = 1, 10 do
  for host = 0, 99 do
    local first = second == 1 and host == 0
    pieces[#pieces + 1] = string.format('%s{"hostname":"host-%d","timestamp":', first and "[" or ",", host)
    pieces[#pieces + 1] = ""
    pieces[#pieces + 1] = string.format(',"cpu":%.1f,"ram":41.5,"disk":73.2}', (host * second * 7 % 1000) / 10)
  end
end
pieces[#pieces + 1] = "]"
wrk.method = "POST"
wrk.path = "/metrics"
wrk.headers["Content-Type"] = "application/json"
function request()
  count = count + 1
  for second = 1, 10 do
    local time = tostring(start + count * 10 + second)
    for host = 0, 99 do pieces[((second - 1) * 100 + host) * 3 + 2] = time end
  end
  return wrk.format(nil, nil, nil, table.concat(pieces))
end
