-- The values of a reading of the agent on a small machine: 61 beside cpu, ram and disk; of 100 hosts, ten readings each.
local one = { "context_switches_per_second", "forks_per_second", "processes_running", "processes_blocked", "memory_used_bytes",
  "memory_available_bytes", "memory_total_bytes", "memory_free_bytes", "memory_buffers_bytes", "memory_cached_bytes",
  "swap_used_bytes", "swap_total_bytes", "load1", "load5", "load15", "uptime_seconds" }
local many = {
  { "cpu_state_percent", { "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal" } },
  { "cpu_core_percent", { "0", "1" } },
  { "filesystem_used_percent", { "/", "/home" } }, { "filesystem_free_bytes", { "/", "/home" } },
  { "filesystem_size_bytes", { "/", "/home" } }, { "filesystem_inodes_used_percent", { "/" } },
  { "filesystem_inodes_free", { "/" } },
  { "disk_read_bytes_per_second", { "vda" } }, { "disk_written_bytes_per_second", { "vda" } },
  { "disk_reads_per_second", { "vda" } }, { "disk_writes_per_second", { "vda" } }, { "disk_busy_percent", { "vda" } },
  { "network_receive_bytes_per_second", { "eth0", "lo" } }, { "network_receive_packets_per_second", { "eth0", "lo" } },
  { "network_receive_errors_per_second", { "eth0", "lo" } }, { "network_receive_drops_per_second", { "eth0", "lo" } },
  { "network_transmit_bytes_per_second", { "eth0", "lo" } }, { "network_transmit_packets_per_second", { "eth0", "lo" } },
  { "network_transmit_errors_per_second", { "eth0", "lo" } }, { "network_transmit_drops_per_second", { "eth0", "lo" } },
  { "pressure_some_percent", { "cpu", "memory", "io" } }, { "pressure_full_percent", { "memory", "io" } } }

local function value(name, host, reading, k)
  local noise = (host * 7919 + reading * 104729 + k * 15485863) % 100003
  if name:find("_total_bytes") or name:find("_size_bytes") then return string.format("%d", 25276514304 + host) end
  if name:find("errors") or name:find("drops") or name:find("swap") or noise % 4 == 0 then return "0" end
  if name:find("_bytes$") then return string.format("%d", 2000000000 + noise * 4096) end
  if name:find("bytes_per_second") then return string.format("%d", noise * 13) end
  if name:find("percent") then return string.format("%.1f", noise % 1000 / 10) end
  return string.format("%.2f", noise % 5000 / 100)
end

-- Calls visit(name, instance or nil, value) for each.
return function(host, reading, visit)
  local k = 0
  local function next_value(name)
    k = k + 1
    return value(name, host, reading, k)
  end
  for _, name in ipairs(one) do visit(name, nil, next_value(name)) end
  for _, each in ipairs(many) do
    for _, instance in ipairs(each[2]) do visit(each[1], instance, next_value(each[1])) end
  end
end
