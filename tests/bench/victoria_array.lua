-- 1,000 lines a request, the same readings, made in the same way.
local count = 0
local start = os.time() - 5 * 86400
local pieces = {}
for second = 1, 10 do
  for host = 0, 99 do
    pieces[#pieces + 1] =
      string.format("hw,host=host-%d cpu=%.1f,ram=41.5,disk=73.2 ", host, (host * second * 7 % 1000) / 10)
    pieces[#pieces + 1] = ""
  end
end
wrk.method = "POST"
wrk.path = "/write?precision=s"
function request()
  count = count + 1
  for second = 1, 10 do
    local time = tostring(start + count * 10 + second) .. "\n"
    for host = 0, 99 do pieces[((second - 1) * 100 + host) * 2 + 2] = time end
  end
  return wrk.format(nil, nil, nil, table.concat(pieces))
end
