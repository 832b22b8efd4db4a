import assert from "node:assert/strict";
import { test } from "node:test";
import { metricLabels, planCharts } from "../../../web/charts/chart_plan.js";

const metric = (name, unit, group, chart, more = {}) => ({
  name,
  unit,
  minimum: 0,
  maximum: unit === "percent" ? 100 : 1e18,
  decimals: 1,
  instance_label: "",
  help: "",
  group,
  chart,
  stacked: false,
  ...more,
});
const CATALOGUE = [
  metric("cpu", "percent", "Overview", "CPU"),
  metric("cpu_state_percent", "percent", "CPU", "CPU by state", { stacked: true }),
  metric("network_receive_errors_per_second", "per_second", "Network", "Errors and drops"),
  metric("network_transmit_drops_per_second", "per_second", "Network", "Errors and drops"),
  metric("pressure_some_percent", "percent", "Pressure", "Some tasks waiting", { decimals: 2 }),
];

test("groups and charts follow the catalogue, and only what the host reports is there", () => {
  const groups = planCharts(CATALOGUE, [
    { metric: "network_receive_errors_per_second", instance: "eth0" },
    { metric: "cpu", instance: "" },
  ]);
  assert.deepEqual(
    groups.map((group) => group.title),
    ["Overview", "Network"],
  );
});

test("instances are lines, sorted as people sort; states in the order of a stack, without what is idle", () => {
  const lines = (name, instances) =>
    planCharts(
      CATALOGUE,
      instances.map((instance) => ({ metric: name, instance })),
    )[0].charts[0].lines.map((line) => line.label);
  assert.deepEqual(lines("cpu_state_percent", ["steal", "idle", "iowait", "user", "system"]), [
    "user",
    "system",
    "iowait",
    "steal",
  ]);
  assert.deepEqual(lines("network_receive_errors_per_second", ["eth10", "eth2"]), ["eth2", "eth10"]);
});

test("metrics of one chart are told apart by the words they do not share", () => {
  const labels = (...names) => [...metricLabels(names).values()];
  assert.deepEqual(labels("memory_used_bytes", "memory_available_bytes"), ["used", "available"]);
  assert.deepEqual(labels("disk_reads_per_second", "disk_writes_per_second"), ["reads", "writes"]);
  assert.deepEqual(labels("network_receive_packets_per_second", "network_transmit_packets_per_second"), [
    "receive",
    "transmit",
  ]);
  assert.deepEqual(labels("context_switches_per_second", "forks_per_second"), ["context switches", "forks"]);
  assert.deepEqual(labels("load1", "load5", "load15"), ["1 minute", "5 minutes", "15 minutes"]);
});

test("instances of several metrics in one chart name both", () => {
  const series = [
    { metric: "network_receive_errors_per_second", instance: "eth0" },
    { metric: "network_transmit_drops_per_second", instance: "eth0" },
  ];
  assert.deepEqual(
    planCharts(CATALOGUE, series)[0].charts[0].lines.map((line) => line.label),
    ["eth0 receive errors", "eth0 transmit drops"],
  );
});

test("shares have an axis from 0 to 100, small ones by their values", () => {
  const range = (name) => planCharts(CATALOGUE, [{ metric: name, instance: "" }])[0].charts[0].range;
  assert.deepEqual(range("cpu"), { minimum: 0, maximum: 100 });
  assert.equal(range("pressure_some_percent"), null);
});

test("metrics outside the catalogue are charts of their own, last, with the unit that their name tells", () => {
  const groups = planCharts(CATALOGUE, [
    { metric: "queue_depth", instance: "" },
    { metric: "cache_size_bytes", instance: "" },
    { metric: "cpu", instance: "" },
  ]);
  assert.deepEqual(
    groups.map((group) => group.title),
    ["Overview", "Custom"],
  );
  assert.deepEqual(
    groups[1].charts.map((chart) => [chart.title, chart.unit, chart.lines.length]),
    [
      ["Cache size", "bytes", 1],
      ["Queue depth", "count", 1],
    ],
  );
});
