// What a player owns: a reward that comes later and is told of once, and a key that is not lost by a slip.

import { test } from "node:test";
import assert from "node:assert/strict";
import { refusal } from "./support/answers.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { heard } from "./support/live.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

/** Somebody who has won a round, whose reward is held back until `isHeld` is false. */
let winner;
let isHeld = true;

provide({
  async prepare() {
    winner = await visit(browser);
    const { page } = winner;
    await page.route("**/api/v1/claims", (route) =>
      isHeld ? route.fulfill(refusal(429, [{ code: "cooldown", until_ms: Date.now() + 5_000 }])) : route.continue(),
    );
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.equal(await resultOf(page, 30_000), "Cleared – the reward comes later");
  },
});

test("a reward that waits says until when it can be claimed, comes by itself, and is told of once", async () => {
  const { page, noticed } = winner;
  const term = page.getByText(/open it again before \d+ \w+,? (at )?\d+:\d\d/);
  await term.waitFor();
  await page.getByRole("link", { name: "All levels" }).click();
  await page.getByText("A reward is on its way").waitFor();
  await term.waitFor();
  assert.deepEqual(await heard(page, 3_000), [], "what counts down is not said again every second");
  await assertAccessible(page, "a map with a reward on its way");

  isHeld = false;
  const toast = page.locator(".toast");
  await toast.filter({ hasText: "arrived" }).waitFor();
  await page.getByText("A reward is on its way").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  await page.getByRole("cell", { name: /^\+/ }).waitFor();
  assert.equal(await toast.count(), 0, "it is no news any more");
  await page.getByText(/^1 drip · 1 day in a row · \d+ tries left for now$/).waitFor();
  for (const colorScheme of ["light", "dark"]) {
    // With less motion, so that no colour is on its way to another.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `a wallet with progress and history, ${colorScheme}`);
  }
  await page.getByRole("link", { name: "Levels", exact: true }).click();
  await page.getByText("Drip", { exact: true }).waitFor();
  assert.equal(await toast.count(), 0, "nor anywhere else");
  assertCalm(noticed, server.origin);
});

test("a key for programs is made, reads the history, is shown only then, and reads nothing once it is revoked", async () => {
  const { page, noticed } = winner;
  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  await page.getByRole("button", { name: "Keys for programs" }).click();
  await page.getByRole("button", { name: "Make a key" }).click();
  const shown = page.locator(".read-keys code");
  await shown.waitFor();
  const key = await shown.textContent();
  assert.match(key, /^drip_ro_[0-9a-f]{64}$/);
  const read = async () => fetch(`${server.origin}/api/v1/history`, { headers: { authorization: `Bearer ${key}` } });
  const history = await (await read()).json();
  assert.deepEqual(history.entries.map((entry) => entry.kind), ["drip"]);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `a wallet with a key for programs, ${colorScheme}`);
  }
  await page.getByRole("link", { name: "Levels", exact: true }).click();
  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  await page.getByRole("button", { name: "Keys for programs" }).click();
  await page.getByText(/^Made /).waitFor();
  assert.equal(await shown.count(), 0, "it is told once");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText(/^Made /).waitFor({ state: "detached" });
  const refused = await read();
  assert.deepEqual([refused.status, (await refused.json()).code], [401, "wrong_read_key"]);
  assertCalm(noticed, server.origin);
});

test("a key that owns something is replaced only by whoever says so", async () => {
  const { page, noticed } = winner;
  const other = await visit(browser);
  await other.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.origin });
  const key = await copiedKey(other.page);
  await restore(other.page, key);
  await other.page.getByText("Restored. This is your wallet now.").waitFor();
  const address = await addressOf(other.page);
  assertCalm(other.noticed, server.origin);
  await other.context.close();

  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("cell", { name: /^\+/ }).waitFor();
  const own = await addressOf(page);
  const money = amountOf(await balance(page));
  const question = page.getByText("Something would be lost");
  await restore(page, key, { clickCount: 2 });
  await question.waitFor();
  await page.getByText(`a balance of ${money} DRIP`).waitFor();
  await page.getByText("the progress that 1 drip made").waitFor();
  await assertAccessible(page, "the question");
  assert.equal(await addressOf(page), own, "twice the same click is no consent");
  await page.getByRole("button", { name: "Keep it" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal(await addressOf(page), own);

  await restore(page, key);
  await page.getByRole("button", { name: "Replace the key of this browser" }).click();
  await page.getByText("Restored. This is your wallet now.").waitFor();
  assert.equal(await addressOf(page), address);
  assert.equal(await question.count(), 0);
  assertCalm(noticed, server.origin);
});

test("a player is told once of a reward that was lost", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.goto(`${server.origin}/wallet`);
  const wallet = await addressOf(page);
  await page.evaluate((wallet) => {
    const request = { round: "01".repeat(16), signature: "1".repeat(64) };
    const claim = { request, wallet, level: "pipes-1", score: 3, until_ms: 1_000, retry_at_ms: 1 };
    localStorage.setItem("dripline/claims/1", JSON.stringify([claim]));
  }, wallet);
  await page.goto(`${server.origin}/`);
  await page.getByText("A reward was lost").waitFor();
  await page.getByText("“Garden Tap” was cleared, but its reward can no more be claimed.").waitFor();
  await page.getByRole("button", { name: "Understood" }).click();
  await page.getByText("A reward was lost").waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("heading", { name: "Merge", exact: true }).waitFor();
  assert.equal(await page.getByText("A reward was lost").count(), 0);
  assertCalm(noticed, server.origin);
  await context.close();
});

async function addressOf(page) {
  return page.locator(".address-text").first().textContent();
}

/** Copies the key, says that it was kept, and gives it. */
async function copiedKey(page) {
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("button", { name: "Show the key" }).click();
  const secret = page.locator(".secret");
  await secret.getByRole("button", { name: "Copy" }).click();
  await secret.getByRole("button", { name: "Copied" }).waitFor();
  const key = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(key, await page.locator(".secret-text").textContent());
  assert.equal(await page.getByText("Not backed up", { exact: true }).count(), 1, "a copy is no backup yet");
  await secret.getByRole("button", { name: "I have kept it" }).click();
  await page.getByText("Backed up", { exact: true }).waitFor();
  return key;
}

async function restore(page, text, click = {}) {
  const field = page.locator("#restore-text");
  if (!(await field.isVisible())) {
    await page.getByText("Restore a key from a backup").click();
  }
  await field.fill(text);
  await page.getByRole("button", { name: "Restore", exact: true }).click(click);
}
