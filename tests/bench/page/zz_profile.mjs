import { launchBrowser } from "../../browser/browser.js";
import { fleet } from "../../browser/real/made_up_hosts.js";
import { Feed, nextAnswer, seconds, settled, withPage, withServer } from "./setting.mjs";
process.env.HOSTWATCH_SERVER = process.argv[2];
const browser = await launchBrowser();
const hosts = fleet(2000, seconds(), { told: 5 });
await withServer(hosts, async ({ address, port }) => {
  const feed = new Feed(port, hosts, 5);
  await withPage(browser, {}, async (page, context) => {
    await page.goto(address);
    await page.waitForSelector(".sparkline path[d^=M]");
    await nextAnswer(page, "/hosts");
    await settled(page);
    const client = await context.newCDPSession(page);
    await client.send("Profiler.enable");
    await client.send("Profiler.setSamplingInterval", { interval: 200 });
    await client.send("Profiler.start");
    const N = 6;
    for (let i = 0; i < N; i += 1) { await nextAnswer(page, "/hosts"); await settled(page); }
    const { profile } = await client.send("Profiler.stop");
    const self = new Map(); const byId = new Map(profile.nodes.map((n) => [n.id, n]));
    profile.samples.forEach((id, i) => { const n = byId.get(id); const k = `${n.callFrame.functionName || "(anon)"} ${n.callFrame.url.split("/").pop()}:${n.callFrame.lineNumber}:${n.callFrame.columnNumber}`; self.set(k, (self.get(k) ?? 0) + profile.timeDeltas[i]); });
    const parent = new Map(); for (const n of profile.nodes) for (const c of n.children ?? []) parent.set(c, n.id);
    const incl = new Map();
    profile.samples.forEach((id, i) => { const seen = new Set(); for (let at = id; at; at = parent.get(at)) { const n = byId.get(at); const k = `${n.callFrame.functionName || "(anon)"} ${n.callFrame.url.split("/").pop()}:${n.callFrame.lineNumber}:${n.callFrame.columnNumber}`; if (!seen.has(k)) { seen.add(k); incl.set(k, (incl.get(k) ?? 0) + profile.timeDeltas[i]); } } });
    const show = (m) => [...m].sort((a, b) => b[1] - a[1]).slice(0, 22).forEach(([k, v]) => console.log((v / 1000 / N).toFixed(2), "ms", k));
    console.log("SELF"); show(self); console.log("INCLUSIVE"); show(incl);
  });
  await feed.stop();
});
await browser.close();
