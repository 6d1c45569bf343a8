// Every page: free of axe's violations in light and dark, small, quiet, and from one origin.

import { test } from "node:test";
import assert from "node:assert/strict";
import { brotliDecompressSync } from "node:zlib";
import { assertAccessible } from "./support/axe.mjs";
import { browser, games, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, assertCalm, visit } from "./support/visitor.mjs";
import { firstLoad } from "./support/weight.mjs";

// The aim is 110,000 bytes and is missed: docs/performance.md has the figure and what stands in the way. Until it is met,
// the page must not grow.
const LIMIT_BYTES = 158_900;
/** What axe finds in Swagger UI, which is served as its makers left it. */
const SWAGGER_BREAKS = ["color-contrast", "heading-order", "landmark-one-main", "nested-interactive", "region"];

provide();

for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of [["a desk", DESK], ["a phone", PHONE]]) {
    test(`axe finds nothing on any page, ${colorScheme}, on ${screen}`, async () => {
      const { context, page, noticed } = await visit(browser, { ...options, colorScheme, reducedMotion: "reduce" });
      await page.goto(`${server.origin}/`);
      await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
      await assertAccessible(page, "the map");

      await page.goto(`${server.origin}/wallet`);
      await page.getByRole("heading", { name: "Your key" }).waitFor();
      await assertAccessible(page, "the wallet");

      await page.goto(`${server.origin}/ledger`);
      await page.getByText("This is your first look").waitFor();
      await page.getByText("The books add up").waitFor();
      await assertAccessible(page, "the ledger");

      await page.goto(`${server.origin}/play/no-such-level`);
      await page.getByRole("heading", { name: "There is no such level" }).waitFor();
      await assertAccessible(page, "a level that there is not");

      for (const game of games) {
        await page.goto(`${server.origin}/play/${game}-1`);
        const start = page.getByRole("button", { name: "Start", exact: true });
        await start.waitFor();
        await assertAccessible(page, `before ${game}`);
        await start.click();
        await page.getByRole("application").waitFor();
        await assertAccessible(page, `in ${game}`);
        await page.keyboard.press("KeyP");
        await page.getByRole("button", { name: "Go on" }).waitFor();
        await assertAccessible(page, `${game} paused`);
        await page.getByRole("button", { name: "Give up" }).click();
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await assertAccessible(page, `after ${game}`);
      }
      assertCalm(noticed, server.origin);
      await context.close();
    });
  }
}

test("axe finds nothing in the page of the API's documentation but what its makers left", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.goto(`${server.origin}/api/docs`);
  await page.getByRole("heading", { name: /Dripline/ }).first().waitFor();
  await page.locator(".opblock").first().waitFor();
  await assertAccessible(page, "the page of the API's documentation", SWAGGER_BREAKS);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("the first load of the play page is small, compressed, and kept for the next time", async () => {
  const { context, page, noticed } = await visit(browser);
  const load = await firstLoad(context, page, `${server.origin}/play/catch-1`);
  const listed = load.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(load.bytes <= LIMIT_BYTES, `${load.bytes} bytes:\n${listed}`);
  const kinds = load.files.map(({ path }) => /\.\w+$/.exec(path)?.[0] ?? ".html");
  for (const kind of [".html", ".css", ".js", ".wasm"]) {
    assert.ok(kinds.includes(kind), `no ${kind}:\n${listed}`);
  }
  for (const { path, encoding, cacheControl } of load.files) {
    if (/\.(js|css|wasm)$/.test(path)) {
      assert.equal(encoding, "br", path);
      assert.match(cacheControl, /immutable/, path);
    }
  }
  const again = await firstLoad(context, page, `${server.origin}/play/catch-1`);
  assert.ok(again.bytes < 10_000, `the second time costs ${again.bytes} bytes`);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("what is sent compressed is what it says", async () => {
  const index = await fetchAs("/", "br");
  const html = brotliDecompressSync(index.body).toString();
  assert.match(html, /<!doctype html>/i);
  assert.equal((await fetchAs("/", "identity")).body.toString(), html);
});

test("the page is sent with a policy that lets nothing in, and without guesses at its type", async () => {
  const index = await fetchAs("/", "br");
  const policy = index.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'|default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
  for (const [name, value] of [
    ["x-content-type-options", /nosniff/],
    ["referrer-policy", /./],
  ]) {
    assert.match(index.headers.get(name) ?? "", value, name);
  }
});

/** A request with this encoding and no decoding of its answer. */
async function fetchAs(path, encoding) {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: server.port, path, headers: { "accept-encoding": encoding, accept: "text/html" } };
    request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ body: Buffer.concat(chunks), headers: new Headers(response.headers) }));
    }).on("error", reject).end();
  });
}
