/**
 * Which interfaces and disks of a host a sum takes, so that each byte counts once: bonds lie on their ports, logical
 * volumes on their disks. The same rules as the server's (server/query/counted_once.cpp). Pure.
 */

/**
 * What is made in software on other interfaces, by its name: bonds, bridges, cables of containers and virtual machines,
 * tunnels.
 */
const STACKED_INTERFACE =
  /^(bond|team|br-|br\d|vmbr|docker|podman|virbr|cni|flannel|veth|cali|lxc|lxdbr|cilium_|tap|vnet|fwbr|fwpr|fwln|tun|wg|vlan|macvlan|ifb|vxlan|geneve|gre|sit\d|ip6tnl|tailscale|zt)/;
/** Device mapper, software RAID, caches, replicas and volumes on pools. */
const STACKED_DISK = /^(dm-|md\d|bcache|drbd|zd\d)/;

/** A VLAN or an alias (eth0.10, eth0:1) whose interface is there. @param {string} name @param {string[]} names */
function isPartOfAnother(name, names) {
  const end = name.search(/[.:@]/);
  return end >= 0 && names.includes(name.slice(0, end));
}

/** What the host itself says lies on others; undefined: nothing. */
const REPEATED = { interface: "repeated_interfaces", device: "repeated_disks" };

/**
 * Without some of them, unless that would leave nothing.
 * @param {string[]} names
 * @param {(name: string) => boolean} isLeftOut
 */
function without(names, isLeftOut) {
  const left = names.filter((name) => !isLeftOut(name));
  return left.length > 0 ? left : names;
}

/**
 * @param {string[]} names instances of one metric of one host
 * @param {string|undefined} label what the catalogue calls them
 * @param {any} [facts] of the host
 * @returns {string[]} those that a sum takes
 */
export function countedOnce(names, label, facts = {}) {
  if (label !== "interface" && label !== "device") return names;
  // The machine's way to itself is no traffic.
  const real = label === "interface" ? without(names, (name) => name === "lo") : names;
  const told = facts?.[REPEATED[label]];
  if (Array.isArray(told)) {
    const repeated = new Set(told);
    return without(real, (name) => repeated.has(name));
  }
  const stacked = label === "device" ? STACKED_DISK : STACKED_INTERFACE;
  return without(real, (name) => stacked.test(name) || (label === "interface" && isPartOfAnother(name, names)));
}
