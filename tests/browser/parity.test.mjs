// The same rounds in WebAssembly and natively: every digest of every step is equal. The native side is written by the
// test `parity` of the package `dripline-tests`, which runs before.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { spawnSync } from "node:child_process";
import { startBrowser } from "./support/chromium.mjs";
import { serveFiles } from "./support/files.mjs";

const folder = env.DRIPLINE_PARITY;
let browser;
let files;
let page;
let native;

before(async () => {
  assert.ok(folder, "DRIPLINE_PARITY names the folder of the package; `cargo xtask test` sets it");
  native = JSON.parse(await readFile(join(folder, "native.json"), "utf8"));
  files = await serveFiles(folder);
  browser = await startBrowser();
  page = await browser.newPage();
  await page.goto(files.origin);
  await page.evaluate(async () => {
    globalThis.parity = await import("/dripline_parity.js");
    await globalThis.parity.default();
  });
});

after(async () => {
  await browser?.close();
  files?.close();
});

test("both sides know the same games", async () => {
  const games = await page.evaluate(() => globalThis.parity.games());
  assert.deepEqual([...games].sort(), Object.keys(native).sort());
});

test("a thousand rounds of each game have equal digests at every step", async () => {
  for (const [game, chains] of Object.entries(native)) {
    assert.equal(chains.length, 1000);
    // In stretches, so that no call keeps the page busy for long.
    for (let start = 0; start < chains.length; start += 100) {
      const found = await page.evaluate(
        ([game, start]) => Array.from({ length: 100 }, (_, index) => globalThis.parity.chain(game, start + index)),
        [game, start],
      );
      const differing = found.findIndex((chain, index) => chain !== chains[start + index]);
      assert.equal(differing, -1, differing < 0 ? "" : await firstDifference(game, start + differing));
    }
  }
});

/** Tells at which step a round differs: the native digests are asked of the native build. */
async function firstDifference(game, number) {
  const here = await page.evaluate(([game, number]) => globalThis.parity.digests(game, number), [game, number]);
  const asked = spawnSync("cargo", ["run", "--quiet", "--package", "dripline-tests", "--bin", "digests", game, `${number}`]);
  const there = asked.stdout.toString().trim().split("\n");
  const step = here.findIndex((digest, index) => digest !== there[index]);
  return `${game}, round ${number}: step ${step} of ${here.length} here, ${there.length} natively`;
}
