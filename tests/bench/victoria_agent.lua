-- The same values as one line of the line protocol.
local each_value = dofile("tests/bench/agent_values.lua")
local count = 0
local start = os.time() - 5 * 86400
local lines = {}
for host = 0, 99 do
  lines[host] = {}
  for reading = 0, 9 do
    local fields = { string.format("cpu=%.1f,ram=41.5,disk=73.2", (host + reading) * 37 % 1000 / 10) }
    each_value(host, reading, function(name, instance, value)
      fields[#fields + 1] = name .. (instance and "_" .. instance or "") .. "=" .. value
    end)
    lines[host][reading] = string.format("hw,host=host-%d %s ", host, table.concat(fields, ","))
  end
end
function request()
  count = count + 1
  local host, reading = count % 100, math.floor(count / 100)
  local line = lines[host][reading % 10]
  return "POST /write?precision=s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " .. (#line + 10) .. "\r\n\r\n" .. line ..
    (start + reading)
end
