#include "agent/collectors/collector.h"
#include "agent/collectors/cpu.h"
#include "agent/collectors/disk_io.h"
#include "agent/collectors/filesystems.h"
#include "agent/collectors/load.h"
#include "agent/collectors/memory.h"
#include "agent/collectors/network.h"
#include "agent/collectors/pressure.h"
#include "agent/collectors/uptime.h"

namespace hostwatch::agent {

std::vector<std::unique_ptr<Collector>> make_collectors(const Roots& roots) {
  std::vector<std::unique_ptr<Collector>> collectors;
  collectors.push_back(std::make_unique<CpuCollector>(roots));
  collectors.push_back(std::make_unique<MemoryCollector>(roots));
  collectors.push_back(std::make_unique<FileSystemCollector>(roots));
  collectors.push_back(std::make_unique<DiskIoCollector>(roots));
  collectors.push_back(std::make_unique<NetworkCollector>(roots));
  collectors.push_back(std::make_unique<LoadCollector>(roots));
  collectors.push_back(std::make_unique<PressureCollector>(roots));
  collectors.push_back(std::make_unique<UptimeCollector>(roots));
  return collectors;
}

}  // namespace hostwatch::agent
