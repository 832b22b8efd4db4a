-- What agents send: a reading of 63 values a request, 100 hosts in turn, times that grow. All but the time is made
-- beforehand: the load shares the cores that it measures.
local each_value = dofile("tests/bench/agent_values.lua")
local count = 0
local start = os.time() - 5 * 86400
local front, back = {}, {}
for host = 0, 99 do
  front[host] = string.format('{"hostname":"host-%d","timestamp":', host)
  back[host] = {}
  for reading = 0, 9 do
    local metrics, open = {}, nil
    each_value(host, reading, function(name, instance, value)
      if open and (open.name ~= name or not instance) then
        metrics[#metrics + 1] = string.format('"%s":{%s}', open.name, table.concat(open, ","))
        open = nil
      end
      if not instance then
        metrics[#metrics + 1] = string.format('"%s":%s', name, value)
      else
        open = open or { name = name }
        open[#open + 1] = string.format('"%s":%s', instance, value)
      end
    end)
    metrics[#metrics + 1] = string.format('"%s":{%s}', open.name, table.concat(open, ","))
    back[host][reading] = string.format(',"cpu":%.1f,"ram":41.5,"disk":73.2,"metrics":{%s}}',
      (host + reading) * 37 % 1000 / 10, table.concat(metrics, ","))
  end
end
function request()
  count = count + 1
  local host, reading = count % 100, math.floor(count / 100)
  local head, rest = front[host], back[host][reading % 10]
  return "POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " ..
    (#head + 10 + #rest) .. "\r\n\r\n" .. head .. (start + reading) .. rest
end
