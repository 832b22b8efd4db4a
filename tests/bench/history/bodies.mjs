/** The same readings as each server wants them posted: JSON arrays for hostwatch, line protocol for VictoriaMetrics. */

const TIME = -1;

/** Texts with holes between them: `holes[n]` (a column, or TIME) stands before `texts[n + 1]`. */
class Template {
  texts = [""];
  holes = [];

  text(more) {
    this.texts[this.texts.length - 1] += more;
    return this;
  }

  hole(what) {
    this.holes.push(what);
    this.texts.push("");
    return this;
  }

  /** Values are scaled integers; divided by a power of ten they print as what they stand for. */
  fill(time, values, from, scales) {
    let filled = this.texts[0];
    for (let index = 0; index < this.holes.length; index += 1) {
      const hole = this.holes[index];
      filled += (hole === TIME ? time : values[from + hole] / scales[hole]) + this.texts[index + 1];
    }
    return filled;
  }
}

/** @returns {Map<string, object[]>} columns, each with its index as `at`, by what `key` says of them */
function grouped(columns, key) {
  const groups = new Map();
  columns.forEach((column, at) => groups.set(key(column), [...(groups.get(key(column)) ?? []), { ...column, at }]));
  return groups;
}

/** An object as in docs/api.md: the first three columns are fields of their own, the rest stand in `metrics`. */
function jsonTemplate(hostname, columns) {
  const template = new Template().text(`{"hostname":"${hostname}","timestamp":`).hole(TIME);
  columns.slice(0, 3).forEach(({ metric }, at) => template.text(`,"${metric}":`).hole(at));
  const groups = [...grouped(columns, ({ metric }) => metric).values()].filter(([{ at }]) => at >= 3);
  groups.forEach((group, index) => {
    template.text(`${index === 0 ? ',"metrics":{' : ","}"${group[0].metric}":`);
    if (group[0].label === "") {
      template.hole(group[0].at);
    } else {
      group.forEach(({ instance, at }, place) =>
        template
          .text(`${place === 0 ? "{" : ","}"${instance}":`)
          .hole(at)
          .text(place + 1 === group.length ? "}" : ""),
      );
    }
  });
  return template.text(groups.length > 0 ? "}}" : "}");
}

/** A line for each instance (one for all values without instances); VictoriaMetrics names the series hw_METRIC. */
function lineTemplate(hostname, columns) {
  const template = new Template();
  for (const group of grouped(columns, ({ label, instance }) => `${label}=${instance}`).values()) {
    const tag = group[0].label === "" ? "" : `,${group[0].label}=${group[0].instance}`;
    template.text(`hw,host=${hostname}${tag} `);
    group.forEach(({ metric, at }, index) => template.text(`${index === 0 ? "" : ","}${metric}=`).hole(at));
    template.text(" ").hole(TIME).text("\n");
  }
  return template;
}

export const JSON_ARRAY = { template: jsonTemplate, join: (list) => `[${list.join(",")}]` };
export const LINES = { template: lineTemplate, join: (list) => list.join("") };

/**
 * Bodies of `size` readings in order of time. Hosts are dealt into lanes, ten at most: within a lane readings stand as
 * they were taken, host beside host, so that no host's readings overtake each other as long as one request of a lane is
 * on its way at a time.
 * @yields {{lane: number, readings: number, body: Buffer}}
 */
export function* bodies(data, format, size) {
  const lanes = Math.min(10, data.hosts.length);
  const width = data.columns.length;
  const scales = data.columns.map(({ decimals }) => 10 ** decimals);
  const members = Array.from({ length: lanes }, (_, lane) =>
    data.hosts
      .filter((__, index) => index % lanes === lane)
      .map((host) => ({ ...host, template: format.template(host.name, data.columns) })),
  );
  const total = members.map((hosts) => hosts.length * data.hosts[0].times.length);
  for (let from = 0; from < Math.max(...total); from += size) {
    for (let lane = 0; lane < lanes; lane += 1) {
      const list = [];
      for (let at = from; at < Math.min(from + size, total[lane]); at += 1) {
        const { template, times, values } = members[lane][at % members[lane].length];
        const row = Math.floor(at / members[lane].length);
        list.push(template.fill(times[row], values, row * width, scales));
      }
      if (list.length > 0) yield { lane, readings: list.length, body: Buffer.from(format.join(list)) };
    }
  }
}
