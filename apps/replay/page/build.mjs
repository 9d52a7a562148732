// Makes the page's template, as C++: node build.mjs MODULES OUTPUT
//
// MODULES: where `npm ci` has put node_modules. The bundle goes into page.html with its style, its hash (the only
// script that the page's policy lets run) and the licences of what is in it; the report's document comes between the
// two halves when a report is written. Nothing here asks the network.
import {createHash} from "node:crypto";
import {readFileSync, readdirSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [modules, output] = process.argv.slice(2).map((path) => resolve(path));
const esbuild = createRequire(join(modules, "package.json"))("esbuild");

const options = {bundle: true, minify: true, write: false, target: "es2020", nodePaths: [join(modules, "node_modules")]};
const bundled = await esbuild.build({
  ...options, entryPoints: [join(here, "page.js")], format: "iife", charset: "ascii", legalComments: "inline", metafile: true});
const style = await esbuild.build({...options, entryPoints: [join(here, "page.css")]});

// Each licence once, with everything that is under it.
function licencesOf(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(input));
    if (match) packages.add(match[1]);
  }
  const texts = new Map();
  for (const folder of [...packages].sort()) {
    const {name, version} = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file`);
    const text = readFileSync(join(folder, file), "utf8").trim().replaceAll("\r\n", "\n");
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  // Two dashes would end the comment in which they stand.
  return [...texts].map(([text, names]) => `${names.join(", ")}:\n\n${text}`).join("\n\n").replaceAll("--", "- -");
}

const [{inputs}] = Object.values(bundled.metafile.outputs);
const inBundle = Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0);
const script = bundled.outputFiles[0].text.trim();
if (/<\/script|<!--/i.test(script)) throw new Error("the bundle would end the element it stands in");
const parts = {
  STYLE: style.outputFiles[0].text.trim(),
  SCRIPT_HASH: `sha256-${createHash("sha256").update(script).digest("base64")}`,
  SCRIPT: script,
  LICENCES: licencesOf(inBundle),
};
const page = readFileSync(join(here, "page.html"), "utf8")
  .replace(/@(STYLE|SCRIPT_HASH|SCRIPT|LICENCES)@/g, (_, name) => parts[name]);
const halves = page.split("@DOCUMENT@");
if (halves.length !== 2) throw new Error("page.html has to have @DOCUMENT@ once");

// Compilers warn of a literal beyond 65,536 bytes.
function literals(text) {
  const pieces = text.match(/[\s\S]{1,16000}/gu);
  if (pieces.some((piece) => piece.includes(')page"'))) throw new Error("the page has the end of a C++ literal in it");
  return pieces.map((piece) => `    R"page(${piece})page",\n`).join("");
}
writeFileSync(output, `// Made by apps/replay/page/build.mjs.
#include <array>
#include <string_view>

#include "apps/replay/report_page.h"

namespace vmlan::apps {

namespace {

constexpr auto before_document = std::to_array<std::string_view>({
${literals(halves[0])}});
constexpr auto after_document = std::to_array<std::string_view>({
${literals(halves[1])}});

}  // namespace

std::optional<PageTemplate> page_template() { return PageTemplate{before_document, after_document}; }

}  // namespace vmlan::apps
`);
