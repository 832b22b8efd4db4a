-- 1,000 lines a request, the same readings.
local count = 0
local start = os.time() - 5 * 86400
wrk.method = "POST"
wrk.path = "/write?precision=s"
function request()
  count = count + 1
  local lines = {}
  for second = 1, 10 do
    for host = 0, 99 do
      lines[#lines + 1] = string.format("hw,host=host-%d cpu=%.1f,ram=41.5,disk=73.2 %d",
        host, ((count + host * second) * 7 % 1000) / 10, start + count * 10 + second)
    end
  end
  return wrk.format(nil, nil, nil, table.concat(lines, "\n"))
end
