/**
 * Makes what the server embeds out of the page's sources: a few minified files, whose names change with their content,
 * and the page that names them. Views that draw charts, and those of access, are files of their own, loaded when they
 * are asked for. Beside each file stands what gzip makes of it.
 *
 *     node build.mjs FOLDER
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const WEB = dirname(fileURLToPath(import.meta.url));
const PAGE = "dashboard.html";
const ICON = "favicon.svg";

/** Common to all: no browser is supported that would need older words than these. */
const COMMON = /** @type {const} */ ({
  absWorkingDir: WEB,
  outdir: WEB,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  legalComments: "eof",
  target: "es2023",
  tsconfigRaw: {}, // web/tsconfig.json is for the type checker alone
  entryNames: "[name]-[hash]",
  logLevel: "warning",
});

/** @param {import("esbuild").BuildResult} result @returns {Map<string, Uint8Array>} by name */
function filesOf(result) {
  return new Map(result.outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/**
 * @param {import("esbuild").BuildResult} result
 * @param {string} entry
 * @returns {{name: string, imports: string[]}} what became of it, and what it cannot do without
 */
function outputOf(result, entry) {
  const [path, { imports }] = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint === entry);
  return {
    name: basename(path),
    imports: imports.filter(({ kind }) => kind === "import-statement").map((one) => basename(one.path)),
  };
}

/** @returns {Promise<Map<string, Uint8Array>>} every file of the page, by its name in the address */
export async function bundle() {
  const [modules, early, styles] = await Promise.all([
    build({ ...COMMON, entryPoints: ["app.js"], format: "esm", splitting: true, chunkNames: "[name]-[hash]" }),
    build({ ...COMMON, entryPoints: ["page/theme_early.js"], format: "iife" }), // before the first paint, so no module
    build({ ...COMMON, entryPoints: ["styles/styles.css"] }),
  ]);
  const app = outputOf(modules, "app.js");
  const names = {
    "app.js": app.name,
    "page/theme_early.js": outputOf(early, "page/theme_early.js").name,
    "styles/styles.css": outputOf(styles, "styles/styles.css").name,
  };
  let page = readFileSync(join(WEB, PAGE), "utf8");
  for (const [source, name] of Object.entries(names)) page = page.replace(`"${source}"`, `"assets/${name}"`);
  const preloads = app.imports.map((name) => `  <link rel="modulepreload" href="assets/${name}">\n`).join("");
  page = page.replace("</head>", `${preloads}</head>`);
  return new Map([
    [PAGE, new TextEncoder().encode(page)],
    [ICON, readFileSync(join(WEB, ICON))],
    ...filesOf(modules),
    ...filesOf(early),
    ...filesOf(styles),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? "");
  if (!process.argv[2]) throw new Error("node build.mjs FOLDER: which folder the files go into");
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of await bundle()) {
    writeFileSync(join(folder, name), content);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 })); // once, here: not for each who asks
  }
}
