// The public ledger: what it shows, how it checks a receipt, and what it says when something is not as it must be.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { refusal } from "./support/answers.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";
import { firstLoad } from "./support/weight.mjs";

/** The page must stay small: it is read by whoever has doubts, on whatever they have. It is 15,400 bytes. */
const LIMIT_BYTES = 17_000;
const GENUINE = "This receipt is genuine, and its drip is in the log.";
const NOT_GENUINE = "This receipt does not hold.";

/** Somebody who has won a round, and has been here before that. */
let winner;
/** Their receipt, and what it brought in whole coins. */
let receipt;
let earned;
/** The state of the log before that round, as the faucet signed it. */
let older;

provide({
  async prepare() {
    winner = await visit(browser);
    const { page } = winner;
    await page.goto(`${server.origin}/ledger`);
    await step(page, "#log-steps", "The log has only grown").getByText("This is your first look").waitFor();
    older = await keptHead(page);
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.equal(await resultOf(page, 30_000), "Cleared!");
    earned = amountOf(await balance(page));
    await page.getByText("Receipt", { exact: true }).click();
    await page.getByRole("link", { name: /Check it against the public ledger/ }).click();
    await verdict(page, GENUINE).waitFor();
    receipt = JSON.parse(await page.locator("#receipt").inputValue());
  },
});

/** A step of a list, by the start of its name. */
const step = (page, list, name) => page.locator(`${list} > li`).filter({ has: page.locator("strong", { hasText: name }) });
const verdict = (page, text) => page.locator("#verdict").getByText(text, { exact: true });
const keptHead = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("dripline/log/1")));
/** What is said of each step of the receipt's check. */
const states = (page) => page.locator("#receipt-steps .proof-state").allTextContents();

async function check(page, text) {
  await page.locator("#receipt").fill(typeof text === "string" ? text : JSON.stringify(text));
  await page.getByRole("button", { name: "Check it" }).click();
}

/** Somebody new at the ledger, after `prepare` was done to their page. */
async function visitLedger(prepare = async () => {}, options = DESK) {
  const visitor = await visit(browser, options);
  await prepare(visitor.page);
  await visitor.page.goto(`${server.origin}/ledger`);
  return visitor;
}

test("a round that was just won leads to its receipt, which is checked step by step and can be kept as a file", async () => {
  const { page, noticed } = winner;
  assert.deepEqual(await states(page), Array(6).fill("Checked"));
  await step(page, "#receipt-steps", "The log has the transfer").getByText(`To: player:${receipt.wallet}`).waitFor();
  await step(page, "#receipt-steps", "The log has only grown").getByText("is the beginning of today's").waitFor();
  const head = await keptHead(page);
  assert.ok(head.head.size > older.head.size, "the newer state is kept");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save it as a file" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `receipt-${receipt.round}.json`);
  assert.deepEqual(JSON.parse(await readFile(await download.path(), "utf8")), receipt);
  assertCalm(noticed, server.origin);
});

test("the books show what players have, and add up", async () => {
  const { page } = winner;
  // Sums are kept for ten seconds: those from before the round may still be there.
  const areNew = async (amount) => (await (await fetch("/api/v1/ledger")).json()).assets[0].players === amount;
  await page.waitForFunction(areNew, receipt.amount, { polling: 500 });
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("link", { name: /its ledger/ }).click();
  await page.getByText("The books add up, to the last unit.").waitFor();
  const row = (name) => page.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell");
  assert.equal(await row("Players' balances").textContent(), `${earned} DRIP`);
  assert.equal(await row("Owed to players").textContent(), `${earned} DRIP`);
  assert.equal(await row("All of it").textContent(), await row("Came in and has not gone out").textContent());
  await page.getByText("The sandbox is on no chain").waitFor();
});

test("whoever comes with a receipt alone has it checked, by pasting it, by its file or by an address", async () => {
  const { context, page, noticed } = await visitLedger();
  await check(page, receipt);
  await verdict(page, GENUINE).waitFor();
  await page.reload();
  const data = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "receipt.json", { type: "application/json" }));
    return data;
  }, JSON.stringify(receipt, undefined, 2));
  await page.locator("#receipt").dispatchEvent("drop", { dataTransfer: data });
  await verdict(page, GENUINE).waitFor();
  await page.goto("about:blank");
  await page.goto(`${server.origin}/ledger#${encodeURIComponent(JSON.stringify(receipt))}`);
  await verdict(page, GENUINE).waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a receipt with one changed digit is refused at its signature, and no later step is taken", async () => {
  const { context, page, noticed } = await visitLedger();
  await check(page, { ...receipt, amount: `${receipt.amount.slice(0, -1)}1` });
  await verdict(page, NOT_GENUINE).waitFor();
  assert.deepEqual(await states(page), ["Checked", "Checked", "Failed", "Not checked", "Not checked", "Not checked"]);
  await step(page, "#receipt-steps", "The faucet has signed it").getByText("something of it was changed").waitFor();
  assert.equal(await page.locator("#receipt").getAttribute("aria-invalid"), "true");
  await check(page, { ...receipt, faucet: "0".repeat(64) });
  await step(page, "#receipt-steps", "It is of this faucet").getByText("It is of another faucet").waitFor();
  assert.deepEqual((await states(page)).slice(0, 3), ["Checked", "Failed", "Not checked"]);
  // What is right after all is checked as if nothing had been.
  await check(page, receipt);
  await verdict(page, GENUINE).waitFor();
  assert.equal(await page.locator("#receipt").getAttribute("aria-invalid"), null);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("what is no receipt is told so, and nothing is asked for it", async () => {
  const { context, page, noticed } = await visitLedger();
  for (const [text, told] of [
    ["my receipt", "is not JSON"],
    ["[]", "“{}” is missing"],
    ["{}", "“faucet” is missing"],
    [JSON.stringify({ ...receipt, amount: 7 }), "“amount” is missing"],
    ["<img src=x onerror=alert(1)>", "is not JSON"],
  ]) {
    await check(page, text);
    await step(page, "#receipt-steps", "It is a receipt").getByText(told).waitFor();
    await verdict(page, NOT_GENUINE).waitFor();
  }
  assert.equal(await page.getByRole("button", { name: "Save it as a file" }).count(), 0);
  await check(page, "  ");
  await verdict(page, "There is nothing to check yet.").waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a log that was cut off or rewritten is reported with both signed states, and what was kept stays until it is forgotten", async () => {
  const { page } = winner;
  const kept = await keptHead(page);
  // The faucet did sign this one, before the round.
  await page.route("**/api/v1/log/head", (route) => route.fulfill({ json: older }));
  await page.goto(`${server.origin}/ledger`);
  const grown = step(page, "#log-steps", "The log has only grown");
  await grown.getByText("It was cut off").waitFor();
  assert.deepEqual(await keptHead(page), kept, "the evidence stays");
  await page.getByText("The signed states").click();
  for (const head of [kept, older]) {
    await page.locator("#heads").getByText(head.signature).waitFor();
  }
  await assertAccessible(page, "a log that was cut off");
  await check(page, receipt);
  await verdict(page, NOT_GENUINE).waitFor();
  await page.unroute("**/api/v1/log/head");

  const other = (hash) => (hash[0] === "0" ? "1" : "0") + hash.slice(1);
  await page.evaluate((older) => localStorage.setItem("dripline/log/1", JSON.stringify(older)), older);
  await page.route("**/api/v1/log/consistency*", async (route) => {
    const proof = await (await route.fetch()).json();
    await route.fulfill({ json: { ...proof, hashes: proof.hashes.map(other) } });
  });
  await page.reload();
  await grown.getByText("It was rewritten").waitFor();
  assert.deepEqual(await keptHead(page), older);
  await check(page, receipt);
  await verdict(page, NOT_GENUINE).waitFor();
  assert.deepEqual(await states(page), [...Array(3).fill("Checked"), "Failed", "Not checked", "Not checked"]);

  await page.getByRole("button", { name: "Forget the state from my earlier visit" }).click();
  await grown.getByText("This is your first look").waitFor();
  assert.deepEqual(await keptHead(page), kept);
  await page.unroute("**/api/v1/log/consistency*");
});

test("a head that the faucet did not sign is refused and not kept", async () => {
  const { context, page } = await visitLedger(async (page) => {
    const { head } = older;
    await page.route("**/api/v1/log/head", (route) => route.fulfill({ json: { ...older, head: { ...head, size: head.size + 1 } } }));
  });
  await step(page, "#log-steps", "The faucet has signed the newest").getByText("It has not").waitFor();
  assert.equal(await keptHead(page), null);
  await context.close();
});

test("another faucet in the place of the one that was here is noticed", async () => {
  const { context, page } = await visitLedger(async (page) => {
    const kept = { ...older, faucet: "0".repeat(64) };
    await page.addInitScript((kept) => localStorage.setItem("dripline/log/1", JSON.stringify(kept)), kept);
  });
  await step(page, "#log-steps", "The faucet's keys").getByText("another faucet than at your last visit").waitFor();
  await context.close();
});

test("a drip that is not in the log yet is looked for again, and one that is missing after its time is told", async () => {
  const { context, page } = await visit(browser);
  let isThere = false;
  await page.route("**/api/v1/log/inclusion*", (route) =>
    isThere ? route.continue() : route.fulfill(refusal(404, [{ code: "log_unknown" }])),
  );
  await page.goto(`${server.origin}/ledger`);
  await check(page, receipt);
  const leaf = step(page, "#receipt-steps", "The log has the transfer");
  await page.clock.setFixedTime(new Date(receipt.claimed_at_ms + 120_000));
  await check(page, receipt);
  await leaf.getByText("evidence against the faucet").waitFor();
  await verdict(page, NOT_GENUINE).waitFor();
  await page.clock.setFixedTime(new Date(receipt.claimed_at_ms));
  await check(page, receipt);
  await leaf.getByText("Not yet: the faucet has until").waitFor();
  await verdict(page, "Not everything can be told now.").waitFor();
  isThere = true;
  await verdict(page, GENUINE).waitFor();
  await context.close();
});

test("what the server does not answer is told as that, and is no failure of the receipt", async () => {
  const { context, page } = await visitLedger(async (page) => {
    await page.route("**/api/v1/ledger", (route) => route.fulfill(refusal(503, [{ code: "overloaded" }])));
    await page.route("**/api/v1/log/inclusion*", (route) => route.abort());
  });
  await page.locator("#books").getByText("did not answer now (overloaded)").waitFor();
  await check(page, receipt);
  await verdict(page, "Not everything can be told now.").waitFor();
  assert.deepEqual((await states(page)).slice(3), ["Checked", "Cannot be told", "Not checked"]);
  await context.close();
});

test("a browser that cannot check signatures is told so, and still sees the books", async () => {
  const { context, page } = await visitLedger((page) =>
    page.addInitScript(() => {
      crypto.subtle.generateKey = () => Promise.reject(new DOMException("no", "NotSupportedError"));
    }),
  );
  await page.locator("#verdict").getByText("cannot check signatures of Ed25519").waitFor();
  await page.getByText("The books add up").waitFor();
  assert.ok(!(await page.locator("#receipt").isVisible()));
  await context.close();
});

test("what treasuries hold on chain is held against what players have", async () => {
  const { context, page } = await visit(browser);
  let amount;
  await page.route("**/api/v1/ledger", async (route) => {
    const ledger = await (await route.fetch()).json();
    const [{ asset, players }] = ledger.assets;
    const holdings = [{ asset, amount: `${BigInt(players) + amount}` }];
    const there = { address: "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK", holdings, read_at_ms: ledger.server_time_ms - 180_000 };
    ledger.rails.push(
      { rail: "solana", kind: "solana", on_chain: there },
      { rail: "silent", kind: "solana", on_chain: null },
    );
    await route.fulfill({ json: ledger });
  });
  amount = 5n;
  await page.goto(`${server.origin}/ledger`);
  await page.getByText("cover all that players have, and 0.000005 DRIP more").waitFor();
  await page.getByText("read 3 minutes ago").waitFor();
  await page.getByText("The chain has not answered yet.").waitFor();
  await assertAccessible(page, "a treasury with enough");
  await assertNarrow(page, "a treasury with enough");
  amount = -1n;
  await page.reload();
  await page.getByText("are 0.000001 DRIP less than what players have").waitFor();
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of [["a desk", DESK], ["a phone", PHONE]]) {
    test(`axe finds nothing in checks that pass and that fail, and they fit, ${colorScheme}, on ${screen}`, async () => {
      const { context, page, noticed } = await visitLedger(undefined, { ...options, colorScheme, reducedMotion: "reduce" });
      await check(page, receipt);
      await verdict(page, GENUINE).waitFor();
      await page.getByText("The signed states").click();
      await assertAccessible(page, "a receipt that holds");
      await assertNarrow(page, "a receipt that holds");
      await check(page, { ...receipt, amount: "1" });
      await verdict(page, NOT_GENUINE).waitFor();
      await assertAccessible(page, "a receipt that does not hold");
      await assertNarrow(page, "a receipt that does not hold");
      assertCalm(noticed, server.origin);
      await context.close();
    });
  }
}

test("all of it can be done with the keyboard", async () => {
  const { context, page } = await visitLedger();
  await step(page, "#log-steps", "The log has only grown").getByText("This is your first look").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "receipt");
  await page.keyboard.insertText(JSON.stringify(receipt));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await verdict(page, GENUINE).waitFor();
  await context.close();
});

test("the page is small, and loads nothing of the player's program", async () => {
  const { context, page, noticed } = await visit(browser);
  const load = await firstLoad(context, page, `${server.origin}/ledger`, (page) => page.getByText("The books add up"));
  const listed = load.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(load.bytes <= LIMIT_BYTES, `${load.bytes} bytes:\n${listed}`);
  assert.ok(!listed.includes(".wasm"), listed);
  for (const { path, encoding, cacheControl } of load.files.filter(({ path }) => /\.(mjs|css)$/.test(path))) {
    assert.equal(encoding, "br", path);
    assert.match(cacheControl, /immutable/, path);
  }
  assertCalm(noticed, server.origin);
  await context.close();
});
