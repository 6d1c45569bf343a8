// The package for npm: what is in it, and that its types say what its users mean.

import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../frontend/embed/package", import.meta.url));
const MODULES = fileURLToPath(new URL("node_modules", import.meta.url));
const GOOD = `
import { load } from "@dripline/embed";
import { DriplineFaucet } from "@dripline/embed/react";
import { createElement, createRef } from "react";
import type { DriplineFaucetElement } from "@dripline/embed";

await load("https://faucet.example", { nonce: "abc" });
const widget = document.createElement("dripline-faucet");
widget.addEventListener("cleared", ({ detail }) => { const stars: number = detail.stars; widget.setTheme("dark"); void stars; });
widget.addEventListener("click", (event) => event.preventDefault());
const ref = createRef<DriplineFaucetElement>();
createElement(DriplineFaucet, { faucet: "https://faucet.example", site: "shop", layout: "popup", ref, onDrip: ({ amount }) => amount.length });
`;

/** What the compiler says of a program that uses the package. */
async function compiled(program) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-package-"));
  try {
    await symlink(MODULES, join(folder, "node_modules"));
    await cp(PACKAGE, join(folder, "package"), { recursive: true });
    await writeFile(join(folder, "program.mts"), program);
    const paths = { "@dripline/embed": ["./package/index.d.ts"], "@dripline/embed/react": ["./package/react.d.ts"] };
    const compilerOptions = { strict: true, noEmit: true, target: "es2022", module: "nodenext", lib: ["es2022", "dom"], types: [], paths };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.mts"] }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    execFileSync(process.execPath, [tsc, "--pretty", "false"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    return "";
  } catch (error) {
    return error.stdout ?? `${error}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("what the package promises is typed, and its types hold", async () => {
  assert.equal(await compiled(GOOD), "");
});

test("what the package does not promise is told by its types", async () => {
  for (const [wrong, told] of [
    ['widget.setTheme("pink");', "TS2345"],
    ['widget.addEventListener("cleared", ({ detail }) => detail.wallet);', "TS2339"],
    ['createElement(DriplineFaucet, { site: "shop" });', "TS2769|TS2345"],
    ["await load();", "TS2554"],
  ]) {
    assert.match(await compiled(`${GOOD}\n${wrong}`), new RegExp(`program.mts.*(${told})`), wrong);
  }
});

test("the package holds its modules and their types, and nothing else", () => {
  const told = execFileSync("npm", ["pack", "--dry-run", "--json", "--offline"], { cwd: PACKAGE, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = JSON.parse(told);
  const names = files.map(({ path }) => path).sort();
  assert.deepEqual(names, ["README.md", "index.d.ts", "index.js", "package.json", "react.d.ts", "react.js"]);
});
