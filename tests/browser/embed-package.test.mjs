// The package for npm as its users have it: packed, unpacked, and found by its `exports`. Its types say what its users mean, and its modules can
// be imported where there is no page.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { compile, install } from "./support/package.mjs";

/** What is typed for everybody. */
const PLAIN = `
import { load } from "@dripline/embed";
import type { DriplineEvent, DriplineFaucetElement, DriplinePlace } from "@dripline/embed";

const element: CustomElementConstructor = await load("https://faucet.example", { nonce: "abc", path: "/embed/v1.js", integrity: "sha384-" });
const widget: DriplineFaucetElement = document.createElement("dripline-faucet");
widget.addEventListener("cleared", ({ detail }) => { const stars: number = detail.stars; widget.setTheme("dark"); void stars; });
widget.addEventListener("click", (event) => event.preventDefault());
const handler = ({ detail }: DriplineEvent<"cleared">) => detail.token?.length;
widget.addEventListener("cleared", handler, { once: true });
widget.removeEventListener("cleared", handler);
widget.removeEventListener("error", ({ detail }) => detail.code);
widget.removeEventListener("click", (event) => event.preventDefault());
widget.open(); widget.close(); widget.reset();
const place = document.querySelector<DriplinePlace>("[data-dripline-site]")!;
place.addEventListener("drip", ({ detail }) => detail.amount.length);
place.dripline?.setTheme("auto");
void element;
`;
/** What is typed for React, by its component and by the tag. */
const REACT = `
import { createElement, createRef } from "react";
import type { DriplineFaucetElement } from "@dripline/embed";
import { DriplineFaucet } from "@dripline/embed/react";

const ref = createRef<DriplineFaucetElement>();
export const component = (
  <DriplineFaucet faucet="https://faucet.example" site="shop" layout="popup" height={420} ref={ref} style={{ "--dripline-accent": "#7a1fa2" }}
    onDrip={({ amount }) => amount.length} onError={({ code }, event) => [code, event?.detail.message]} />
);
export const tag = (
  <dripline-faucet site="shop" level="pipes-1" theme="dark" ref={ref} class="games" style={{ display: "block", "--dripline-radius": "4px" }}
    oncleared={({ detail }) => detail.stars} onerror={({ detail }) => detail.code} onClick={(event) => event.preventDefault()} />
);
createElement(DriplineFaucet, { faucet: "https://faucet.example", site: "shop", onReady: ({ levels }) => levels.length });
ref.current?.open();
`;
/** What is typed for Vue's and Svelte's checkers of templates, which ask these types. */
const VUE = `
import type {} from "@dripline/embed/vue";
import type { GlobalComponents } from "vue";

type Tag = InstanceType<GlobalComponents["dripline-faucet"]>;
export const properties: Tag["$props"] = { site: "shop", theme: "dark", height: 420, id: "games", onCleared: ({ detail }) => detail.stars,
  onError: ({ detail }) => detail.code, onClick: (event) => event.preventDefault() };
export const tell = (tag: Tag) => { tag.open(); tag.$emit("close", new CustomEvent("close", { detail: {} })); };
`;
const SVELTE = `
import type {} from "@dripline/embed/svelte";
import type { SvelteHTMLElements } from "svelte/elements";

export const attributes: SvelteHTMLElements["dripline-faucet"] = { site: "shop", theme: "dark", class: "games", oncleared: ({ detail }) => detail.stars,
  onerror: ({ detail }) => detail.code, "on:close": ({ type }) => type, onclick: (event) => event.preventDefault(), "data-of": 7 };
`;
/** The program by its React's version. */
const installed = {};

before(async () => {
  for (const version of [18, 19]) {
    installed[version] = await install(version);
  }
});
after(() => Promise.all(Object.values(installed).map(({ end }) => end())));

/** What a program says that imports the package in Node, where there is no page. */
const said = (version, program) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: installed[version].folder, encoding: "utf8" }).trim();

test("the package holds its modules and their types, and nothing else", () => {
  assert.deepEqual(installed[19].files, [
    "README.md", "index.d.ts", "index.js", "package.json", "react.d.ts", "react.js", "svelte.d.ts", "vue.d.ts",
  ]);
});

test("what the package promises is typed, and its types hold, with React 18 and 19; what it does not promise is told by them", async () => {
  assert.equal(await compile(installed[18].folder, { "plain.mts": PLAIN, "component.tsx": REACT }), "");
  const wrongs = [
    [PLAIN, 'widget.setTheme("pink");', "TS2345"],
    [PLAIN, 'widget.addEventListener("cleared", ({ detail }) => detail.wallet);', "TS2339"],
    [PLAIN, 'widget.removeEventListener("cleared", (event: DriplineEvent<"drip">) => event.detail.amount);', "TS2769"],
    [PLAIN, 'place.addEventListener("ready", ({ detail }) => detail.stars);', "TS2339"],
    [PLAIN, "await load();", "TS2554"],
    [PLAIN, 'export { load as other } from "@dripline/embed/index.js";', "TS2307"],
    [REACT, 'createElement(DriplineFaucet, { site: "shop" });', "TS2769|TS2345"],
    [REACT, 'export const wrong = <dripline-faucet site="shop" layout="wide" />;', "TS2322"],
    [REACT, "export const wrong = <dripline-faucet />;", "TS2322|TS2741"],
    [VUE, 'export const wrong: Tag["$props"] = { site: "shop", theme: "pink" };', "TS2322"],
    [SVELTE, 'export const wrong: SvelteHTMLElements["dripline-faucet"] = { site: "shop", oncleared: ({ detail }) => detail.wallet };', "TS2339"],
  ];
  const programs = { "plain.mts": PLAIN, "component.tsx": REACT, "vue.mts": VUE, "svelte.mts": SVELTE };
  // All at once, for the compiler takes longer to start than to read them.
  for (const [index, [good, wrong]] of wrongs.entries()) {
    programs[`wrong-${index}.${good === REACT ? "tsx" : "mts"}`] = `${good}\n${wrong}`;
  }
  const told = await compile(installed[19].folder, programs);
  for (const [index, [good, wrong, code]] of wrongs.entries()) {
    const line = good.split("\n").length + 1;
    assert.match(told, new RegExp(`^wrong-${index}\\.m?tsx?\\(${line},.*(${code})`, "m"), `${wrong}\n${told}`);
  }
  // One mistake in each of these, and none anywhere else.
  assert.equal(told.match(/^\S.*error TS/gm).length, wrongs.length, told);
});

test("a mistake in what the package declares is found, in each of its files, though no program touches it", async () => {
  const { folder, own, files, end } = await install();
  const declared = files.filter((name) => name.endsWith(".d.ts"));
  assert.equal(declared.length, 4);
  assert.equal(await compile(folder), "");
  await Promise.all(declared.map((name) => appendFile(join(own, name), "\nexport interface Wrong { of: Missing }\n")));
  const told = await compile(folder);
  const found = [...told.matchAll(/^node_modules\/@dripline\/embed\/(\S+)\(.*error TS2304: Cannot find name 'Missing'/gm)].map(([, name]) => name);
  assert.deepEqual(found.sort(), declared, told);
  assert.equal(told.match(/error TS/g).length, declared.length, told);
  await end();
});

test("where there is no page the package is imported all the same, renders the tag alone, and says that it needs one", () => {
  const load = `import { load } from "@dripline/embed"; load("https://faucet.example").catch((error) => console.log(error.message));`;
  assert.equal(said(19, load), "expected a page to bring the loader of a Dripline faucet into: call `load` in the browser");
  const render = `import { createElement } from "react"; import { renderToString } from "react-dom/server";
    import { DriplineFaucet } from "@dripline/embed/react";
    const props = { faucet: "https://faucet.example", site: "shop", nonce: "abc", className: "games", onCleared: () => {} };
    console.log(renderToString(createElement(DriplineFaucet, props)));`;
  for (const version of [18, 19]) {
    assert.equal(said(version, render), '<dripline-faucet site="shop" class="games"></dripline-faucet>', `React ${version}`);
  }
});
