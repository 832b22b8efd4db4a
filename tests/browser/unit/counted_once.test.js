import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf, sortHosts } from "../../../web/overview/host_order.js";
import { hostsAddress } from "../../../web/history/api.js";
import { countedOnce } from "../../../web/parts/counted_once.js";

test("what the host names is left out, and what it does not name counts whatever it is called", () => {
  const facts = { repeated_interfaces: ["bond0", "vlan10"], repeated_disks: ["dm-0"] };
  assert.deepEqual(countedOnce(["bond0", "eth0", "eth1", "lo", "vlan10", "wg0"], "interface", facts), [
    "eth0",
    "eth1",
    "wg0",
  ]);
  assert.deepEqual(countedOnce(["dm-0", "dm-1", "sda"], "device", facts), ["dm-1", "sda"]);
  assert.deepEqual(countedOnce(["docker0", "eth0"], "interface", { repeated_interfaces: [] }), ["docker0", "eth0"]);
});

test("where the host tells nothing names do", () => {
  for (const name of [
    "bond0",
    "br-3fa1",
    "br0",
    "vmbr1",
    "docker0",
    "cali99",
    "vnet3",
    "fwpr100p0",
    "tun0",
    "vlan20",
    "sit0",
    "eth0.10",
    "eth0:1",
  ]) {
    assert.deepEqual(countedOnce([name, "eth0"], "interface", undefined), ["eth0"], name);
  }
  for (const name of ["dm-3", "md127", "bcache0", "drbd1", "zd16"]) {
    assert.deepEqual(countedOnce([name, "sda"], "device", {}), ["sda"], name);
  }
  for (const name of ["eth1", "brocade0", "br", "eno1.5", "ppp0"]) {
    assert.deepEqual(countedOnce(["eth0", name], "interface", {}), ["eth0", name], name);
  }
});

test("what would leave nothing is not done, and nothing but interfaces and disks is left out", () => {
  assert.deepEqual(countedOnce(["lo"], "interface"), ["lo"]);
  assert.deepEqual(countedOnce(["lo", "tun0"], "interface"), ["tun0"]);
  assert.deepEqual(countedOnce(["dm-0", "dm-1"], "device"), ["dm-0", "dm-1"]);
  assert.deepEqual(countedOnce(["lo", "bond0", "dm-0"], "mountpoint"), ["lo", "bond0", "dm-0"]);
  assert.deepEqual(countedOnce([], "interface"), []);
});

test("the overview's network is what came over the cables, and is what it is sorted by", () => {
  const host = (hostname, values, facts) => ({
    hostname,
    facts,
    latest: {
      metrics: { network_receive_bytes_per_second: values, network_transmit_bytes_per_second: { eth0: 1, lo: 9 } },
    },
  });
  const bonded = host("bonded", { eth0: 100, eth1: 100, bond0: 200, lo: 50 }, { repeated_interfaces: ["bond0"] });
  const older = host("older", { eth0: 100, eth1: 100, bond0: 200, lo: 50 });
  assert.deepEqual(networkOf(bonded), { received: 200, sent: 1 });
  assert.deepEqual(networkOf(older), { received: 200, sent: 1 });
  assert.deepEqual(networkOf(host("alone", { lo: 50 })), { received: undefined, sent: 1 });
  assert.deepEqual(networkOf({}), { received: undefined, sent: undefined });
  assert.deepEqual(
    sortHosts([bonded, host("busy", { eth0: 250 })], "-network").map(({ hostname }) => hostname),
    ["busy", "bonded"],
  );
});

test("hosts are asked what of theirs lies on what", () => {
  const facts = new URLSearchParams(hostsAddress().slice("hosts?".length)).get("facts").split(",");
  assert.ok(facts.includes("repeated_interfaces") && facts.includes("repeated_disks"));
});
