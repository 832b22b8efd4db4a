#include "agent/collectors/interfaces.h"

#include <net/if_arp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/collectors/files/scan.h"
#include "agent/collectors/files/sys_files.h"
#include "agent/collectors/rates.h"

namespace hostwatch::agent {
namespace {

/// "vnet0" for "vnet", but not "vnets": the prefix and then a digit.
bool begins_with_numbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && name.size() > prefix.size() && is_digit(name[prefix.size()]);
}

template <std::size_t N>
bool begins_with_any(std::string_view name, const std::array<std::string_view, N>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

const InterfaceLinks* find(std::span<const InterfaceLinks> all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const InterfaceLinks& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// Of interfaces that are all hardware: the fast path beside the one that counts both (Hyper-V, failover of
/// virtio), the ports of a switch chip behind the one that leads to it, and those that stand for parts.
bool repeats_hardware(const InterfaceLinks& interface, std::span<const InterfaceLinks> all) {
  if (interface.is_representor) return true;
  const InterfaceLinks* const master = find(all, interface.master);
  if (master != nullptr && master->has_device) return true;
  return std::any_of(interface.lowers.begin(), interface.lowers.end(), [&](const std::string& name) {
    const InterfaceLinks* const lower = find(all, name);
    return lower != nullptr && lower->has_device && lower->master != interface.name;
  });
}

/// Whether it is tied to another interface without lying on it: an end of a pair (veth, netkit), or a tunnel
/// that is bound to one.
bool is_tied(const InterfaceLinks& interface) {
  return !interface.has_device && interface.type == ARPHRD_ETHER && interface.link > 0 &&
         interface.link != interface.index && interface.lowers.empty();
}

/// Whether what a tied interface is tied to is in another network namespace. Each namespace counts its
/// interfaces from 1, so that one with the number that `iflink` says may be there by chance: it is the one
/// that is meant if it points back (both ends of a pair are here), or if ours never tells whether it has a
/// carrier (a tunnel does not; pairs do, from the beginning).
template <typename Interface, typename Interfaces>
bool is_tied_to_elsewhere(const Interface& interface, const Interfaces& all) {
  const auto other =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.index == interface.link; });
  return other == all.end() || (interface.tells_carrier && other->link != interface.index);
}

}  // namespace

std::optional<InterfaceLinks> read_interface_links(const Roots& roots, std::string_view name) {
  if (!is_path_step(name)) return std::nullopt;
  const std::string folder = sys_path(roots, "/class/net/") + std::string(name);
  const auto index = read_number(folder + "/ifindex");
  if (!index) return std::nullopt;
  InterfaceLinks links;
  links.name = name;
  links.index = *index;
  links.link = read_number(folder + "/iflink").value_or(*index);
  links.type = read_number(folder + "/type").value_or(ARPHRD_ETHER);
  links.has_device = is_there(folder + "/device");
  const std::string port = read_first_line(folder + "/phys_port_name").value_or("");
  links.is_representor = port.starts_with("pf") && port.find_first_of("vs") != std::string::npos;

  std::error_code failed;
  const std::filesystem::path master = std::filesystem::read_symlink(folder + "/master", failed);
  if (!failed) links.master = master.filename().string();
  constexpr std::string_view kLower = "lower_";
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string file = entry->path().filename().string();
    if (file.starts_with(kLower)) links.lowers.push_back(file.substr(kLower.size()));
  }
  if (is_tied(links)) links.tells_carrier = read_first_line(folder + "/operstate") != "unknown";
  return links;
}

bool has_cable_name(std::string_view name) {
  // LXC calls its bridge lxcbr0, which is none of Cilium's cables.
  if (name.starts_with("lxc")) return !name.starts_with("lxcbr");
  constexpr std::array<std::string_view, 15> kPrefixes{
      "veth", "cali", "cilium_", "tap", "macvtap", "fwbr", "fwpr", "fwln",
      "qvo",  "qvb",  "qbr",     "azv", "gke",     "ve-",  "vb-",
  };
  return begins_with_any(name, kPrefixes) || begins_with_numbered(name, "vnet") ||
         begins_with_numbered(name, "vif") ||
         (name.starts_with("eni") && name.size() == 14);  // of Amazon's plugin: eleven hexadecimal digits
}

bool has_hardware_name(std::string_view name) {
  // What systemd makes of where hardware sits (eno1, ens3, enp3s0, enx…, wlp2s0, wwan0), and the kernel's.
  constexpr std::array<std::string_view, 12> kPrefixes{"eno", "ens", "enp", "enx", "enP", "wlo",
                                                       "wls", "wlp", "wlx", "end", "enc", "venet"};
  constexpr std::array<std::string_view, 6> kNumbered{"eth", "wlan", "wwan", "ib", "em", "usb"};
  return begins_with_any(name, kPrefixes) ||
         std::any_of(kNumbered.begin(), kNumbered.end(),
                     [name](std::string_view prefix) { return begins_with_numbered(name, prefix); });
}

bool is_end_of_cable(const InterfaceLinks& interface, std::span<const InterfaceLinks> all) {
  return is_tied(interface) && is_tied_to_elsewhere(interface, all);
}

protocol::RepeatedInstances repeated_interfaces(std::span<const InterfaceLinks> interfaces) {
  const auto any = [&](auto is) { return std::any_of(interfaces.begin(), interfaces.end(), is); };
  const bool any_device = any([](const InterfaceLinks& one) { return one.has_device; });
  const auto is_end = [&](const InterfaceLinks& one) { return is_end_of_cable(one, interfaces); };
  const bool any_end = any(is_end);
  protocol::RepeatedInstances repeated;
  for (const InterfaceLinks& one : interfaces) {
    const bool repeats = any_device ? !one.has_device || repeats_hardware(one, interfaces)
                         : any_end  ? !is_end(one)
                                    : !one.lowers.empty();
    if (repeats) repeated.insert(one.name);
  }
  return repeated;
}

InterfaceKinds::Known InterfaceKinds::look_at(std::string_view name) const {
  Known known{std::string(name)};
  const auto links = read_interface_links(roots_, name);
  known.in_sysfs = links.has_value();
  known.has_device = links ? links->has_device : has_hardware_name(name);
  if (!links) return known;
  known.index = links->index;
  known.link = links->link;
  known.tells_carrier = links->tells_carrier;
  known.may_be_cable = is_tied(*links) && !links->master.empty();
  return known;
}

std::span<const InterfaceKind> InterfaceKinds::of(std::span<const std::string_view> names) {
  const bool same = std::equal(known_.begin(), known_.end(), names.begin(), names.end(),
                               [](const Known& known, std::string_view name) { return known.name == name; });
  if (same) return kinds_;

  std::vector<Known> now;
  now.reserve(names.size());
  std::size_t likely = 0;
  for (const std::string_view name : names) {
    const Known* const before = find_row(known_, name, likely);
    if (before != nullptr) likely = static_cast<std::size_t>(before - known_.data()) + 1;
    now.push_back(before != nullptr ? *before : look_at(name));
  }
  known_ = std::move(now);
  const bool any_device = std::any_of(known_.begin(), known_.end(),
                                      [](const Known& one) { return one.in_sysfs && one.has_device; });
  kinds_.clear();
  for (const Known& one : known_) {
    const bool is_cable = one.in_sysfs && one.has_device ? false
                          : has_cable_name(one.name)
                              ? true
                              : any_device && one.may_be_cable && is_tied_to_elsewhere(one, known_);
    kinds_.push_back(is_cable         ? InterfaceKind::cable
                     : one.has_device ? InterfaceKind::own
                                      : InterfaceKind::other);
  }
  bool is_connected = false;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (kinds_[i] != InterfaceKind::cable && known_[i].name != "lo") is_connected = true;
  }
  if (!is_connected) std::replace(kinds_.begin(), kinds_.end(), InterfaceKind::cable, InterfaceKind::other);
  return kinds_;
}

}  // namespace hostwatch::agent
