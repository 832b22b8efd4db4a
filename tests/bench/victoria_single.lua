-- The same reading as a line of the line protocol.
local count = 0
local start = os.time() - 5 * 86400
wrk.method = "POST"
wrk.path = "/write?precision=s"
function request()
  count = count + 1
  return wrk.format(nil, nil, nil, string.format(
    "hw,host=host-%d cpu=%.1f,ram=41.5,disk=73.2 %d",
    count % 100, (count * 7 % 1000) / 10, start + math.floor(count / 100)))
end
