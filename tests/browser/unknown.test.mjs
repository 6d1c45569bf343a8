// What is not known, or does not go: said as it is, with what can be done about it.

import { test } from "node:test";
import assert from "node:assert/strict";
import { refuse } from "./support/answers.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { heard } from "./support/live.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, visit } from "./support/visitor.mjs";

const WALLET = "**/api/v1/wallets/*";

provide();

test("a wallet that did not come is no empty one, and can be asked for again", async () => {
  const { context, page, noticed } = await visit(browser);
  let isAway = true;
  await page.route(WALLET, (route) => (isAway ? route.abort() : route.continue()));
  await page.goto(`${server.origin}/`);
  await page.getByText("What you have is not known").waitFor();
  assert.equal(await page.getByRole("link", { name: "Play", exact: false }).filter({ hasText: /^Play/ }).count(), 3);
  assert.equal(await page.getByText("Your wallet is not known yet").count(), await page.locator(".level").count() - 3);
  assert.match(await page.locator(".game-stars").first().textContent(), /– \/ \d+$/);
  assert.equal(await page.getByRole("img", { name: "0 of 3 stars" }).count(), 0);
  await assertAccessible(page, "a map without a wallet");

  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  await page.getByText("What you have is not known").waitFor();
  await page.getByRole("button", { name: "Show the key" }).click();
  const own = await page.locator(".secret-text").textContent();
  const other = await visit(browser);
  await other.page.goto(`${server.origin}/wallet`);
  await other.page.getByRole("button", { name: "Show the key" }).click();
  const foreign = await other.page.locator(".secret-text").textContent();
  await other.context.close();
  await page.getByText("Restore a key from a backup").click();
  await page.locator("#restore-text").fill(foreign);
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByText("whatever it owns: the server has not told what that is").waitFor();
  assert.equal(await page.locator(".secret-text").textContent(), own);

  // It comes back with the press: what the page asks for by itself until then must not take the button away.
  await page.route("**/api/v1/catalog", (route) => {
    isAway = false;
    return route.continue();
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("0 drips · 0 days in a row").waitFor();
  assert.equal(await page.getByText("What you have is not known").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "main", "the keyboard is where the button was");
  await page.getByRole("link", { name: "Levels", exact: true }).click();
  await page.getByText(/^Clear “/).first().waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a level whose catalog did not come can be asked for again", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.route("**/api/v1/catalog", (route) => route.abort());
  await page.goto(`${server.origin}/play/catch-1`);
  await page.getByText("The server cannot be reached").waitFor();
  await page.unroute("**/api/v1/catalog");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("what holds every reward back is told before a round, and by the limit that lasts longest", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.route(WALLET, async (route) => {
    const response = await route.fetch();
    const limits = [
      { code: "drips_used_up", message: "", subject: "drips", until_ms: Date.now() + 60_000 },
      { code: "ceiling_reached", message: "", subject: "outflow_newcomers", until_ms: Date.now() + 600_000 },
    ];
    await route.fulfill({ response, json: { ...(await response.json()), limits } });
  });
  for (const path of ["/", "/play/catch-1"]) {
    await page.goto(`${server.origin}${path}`);
    await page.getByText("New wallets have had their share for now").waitFor();
    await page.getByText(/all new wallets together.*It passes in (10:00|9:\d\d)\.$/).waitFor();
    assert.equal(await page.getByText("You have had your drips for now").count(), 0);
    assert.deepEqual(await heard(page, 2_500), [], "what counts down is not said again every second");
    await assertAccessible(page, `a limit at ${path}`);
  }
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round that is not opened is answered once, aloud", async () => {
  const { context, page, noticed } = await visit(browser);
  const until = Date.now() + 300_000;
  await refuse(page, "**/api/v1/rounds", 429, [{ code: "attempts_used_up", subject: "attempts", until_ms: until }]);
  await page.goto(`${server.origin}/play/catch-1`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: /^No tries left for now$/ }).waitFor();
  await page.getByText(/It passes in 4:\d\d/).waitFor();
  assert.deepEqual(await heard(page, 2_500), [], "and no more");
  assertCalm(noticed, server.origin);
  await context.close();
});
