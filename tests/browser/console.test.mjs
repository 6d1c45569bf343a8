// Operators in their console: they sign in with passkeys, change a reward while somebody plays, and take it back.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { accept, confirm, draftWithReward, go, keptDraft, operator, part } from "./support/operator.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";
import { firstLoad } from "./support/weight.mjs";

/** What opening the console for the first time may transfer, in bytes. */
const LIMIT_BYTES = 250_000;
const LEVEL = "pipes-1";
/** Every place of the console, and something that stands there once its answers have come. */
const PLACES = [
  ["Overview", "Budgets"],
  ["Levels and rewards", "Garden Tap"],
  ["Publications", "in force"],
  ["Players", "Who came last"],
  ["Payouts", "Nothing is stopped."],
  ["Sites", "There is none yet."],
  ["Access", "this one"],
  ["Audit log", "invitation"],
];

/** The first owner, who signed in by the link that the server printed. */
let owner;
/** Who plays while the reward is changed. */
let player;

provide({
  async prepare() {
    owner = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(owner.page, link, "Ada");
  },
});

/** What a level pays by its page, in whole coins. */
async function paysBy(page) {
  const text = page.getByText(/^Pays .* with every bonus up to/);
  await text.waitFor();
  return Number(amountOf(await text.textContent()));
}

/** Plays the round that is open to its end. Gives what it brought. */
async function win(page) {
  await playPipes(page, mouse(page));
  assert.match(await resultOf(page, 30_000), /^Cleared/);
  return Number(amountOf(await balance(page)));
}

test("the first owner has come by the link of the server, which is for nobody else", async () => {
  const { page } = owner;
  assert.ok(!page.url().includes("invitation"), "the secret is not left in the address");
  await page.getByText("Ada").first().waitFor();
  const [link] = await server.said(/http\S+#invitation=\S+/);
  const late = await operator(browser);
  await late.page.goto(link);
  await late.page.getByText("The invitation was taken or revoked, has expired, or is none").waitFor();
  await late.context.close();
});

test("an owner signs out, and in again with the passkey", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});

test("a reward is changed, simulated and published while a round is open, which pays as it was opened", async () => {
  const { page } = owner;
  player = await visit(browser);
  await startRound(player.page, server, LEVEL);

  await draftWithReward(page, LEVEL, "0.05");
  await part(page, "Compare, simulate, publish");
  await page.getByRole("row", { name: /levels\.pipes-1\.base 0\.01 0\.05/ }).waitFor();
  await page.getByRole("button", { name: "Simulate", exact: true }).click();
  await page.getByRole("row", { name: /^casual/ }).waitFor({ timeout: 120_000 });
  const casual = await page.getByRole("row", { name: /^casual/ }).getByRole("cell").first().textContent();
  const [, before, after] = /in force: (\d+(?:\.\d+)?) DRIP.*?\) (\d+(?:\.\d+)?) DRIP/.exec(casual);
  assert.ok(Number(after) > Number(before), casual);
  await picture(page, "console-simulation");
  await page.getByLabel("Why, for those who read the history").fill("Pipes pays too little");
  await confirm(page, "Publish");
  await page.getByText(/^Publication 2 is in force/).waitFor();

  const next = await visit(browser);
  await next.page.goto(`${server.origin}/play/${LEVEL}`);
  assert.equal(await paysBy(next.page), 0.05, "somebody else sees the new reward on the next round");
  await next.page.getByRole("button", { name: "Start", exact: true }).click();
  await next.page.getByRole("application").waitFor();
  const [old, changed] = [await win(player.page), await win(next.page)];
  // The first time doubles it, and stars bring up to a half more.
  assert.ok(old >= 0.02 && old <= 0.03, `${old} for a round that was opened before`);
  assert.ok(changed >= 0.1 && changed <= 0.15, `${changed} for one that was opened afterwards`);
  await next.context.close();
});

test("what was published is brought back the same way", async () => {
  const { page } = owner;
  await go(page, "Publications");
  await page.getByRole("row", { name: /Pipes pays too little/ }).waitFor();
  await confirm(page, "Bring back", page.getByRole("row", { name: /^1 / }));
  await page.getByText("Publication 3 is in force: the catalog of publication 1.").waitFor();
  const { context, page: later } = await visit(browser);
  await later.goto(`${server.origin}/play/${LEVEL}`);
  assert.equal(await paysBy(later), 0.01);
  await context.close();
});

test("of two who publish at once the second is told, and loses nothing", async () => {
  const { page } = owner;
  const second = await owner.context.newPage();
  await second.goto(`${server.origin}/console`);
  await draftWithReward(page, LEVEL, "0.02");
  await draftWithReward(second, LEVEL, "0.03");
  for (const one of [page, second]) {
    await part(one, "Compare, simulate, publish");
    await one.getByRole("row", { name: /levels\.pipes-1\.base/ }).waitFor();
  }
  await confirm(page, "Publish");
  await page.getByText(/^Publication 4 is in force/).waitFor();
  await confirm(second, "Publish");
  await second.getByRole("alert").filter({ hasText: "Another catalog" }).waitFor();
  await second.getByRole("row", { name: /levels\.pipes-1\.base 0\.01 0\.03/ }).waitFor();
  await second.close();
});

test("a mistake is told at its field, and cannot be published", async () => {
  const { page } = owner;
  await go(page, "Levels and rewards");
  await page.getByRole("button", { name: "Change something" }).click();
  const kept = await keptDraft(page);
  await page.getByRole("listitem").filter({ hasText: LEVEL }).getByRole("button").first().click();
  const base = page.getByLabel("Base reward");
  await base.fill("plenty");
  await base.press("Tab");
  await page.getByText("Not kept: expected an amount").waitFor();
  const three = page.getByLabel("Score for three stars");
  await three.fill("0");
  await three.press("Tab");
  await keptDraft(page, kept);
  await page.getByText(/^Draft kept \(revision \d+\)\. 1 mistake\.$/).waitFor();
  await three.and(page.locator("[aria-invalid=true]")).waitFor();
  await part(page, "Compare, simulate, publish");
  await page.getByRole("alert").filter({ hasText: "levels[4].stars" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Publish", exact: true }).isDisabled());
  assert.ok(await page.getByRole("button", { name: "Simulate", exact: true }).isDisabled());
  await confirm(page, "Drop the draft");
  await page.getByText("The draft is dropped.").waitFor();
});

test("whoever is invited as an editor may draft and publish, and sees neither operators nor the audit log", async () => {
  const { page } = owner;
  await go(page, "Access");
  await page.getByLabel("Invite").fill("Grace");
  await page.getByLabel("as", { exact: true }).selectOption("editor");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = (await page.getByLabel("Link of the invitation").textContent()).trim();
  const editor = await operator(browser);
  await accept(editor.page, link, "Grace");
  await go(editor.page, "Access");
  await editor.page.getByRole("heading", { name: "Your passkeys" }).waitFor();
  assert.equal(await editor.page.getByRole("heading", { name: "Operators" }).count(), 0);
  await go(editor.page, "Audit log");
  await editor.page.getByRole("alert").filter({ hasText: "read_audit" }).waitFor();
  // Dismissed, she is out at once.
  await go(page, "Overview");
  await go(page, "Access");
  await confirm(page, "Dismiss", page.getByRole("row", { name: /^Grace/ }));
  await page.getByText("Grace is dismissed.").waitFor();
  await editor.page.getByRole("link", { name: "Publications" }).click();
  await editor.page.getByText("Your session has ended.").waitFor();
  await editor.context.close();
});

test("a player is found, held with a reason, and released; the audit log has it", async () => {
  const { page } = owner;
  await go(page, "Players");
  await page.getByRole("region", { name: "Players" }).getByRole("button").first().click();
  await page.getByLabel("Why, or a note").fill("looks like a program");
  await confirm(page, "Hold");
  await page.getByText("The wallet is held now.").waitFor();
  await confirm(page, "Release");
  await page.getByText("The wallet is clear now.").waitFor();
  await page.getByRole("region", { name: "Rounds" }).getByRole("button").first().click();
  await page.getByText("anybody can play it again").waitFor();
  await go(page, "Audit log");
  await page.getByText("player hold").waitFor();
});

test("a game is stopped at once for whoever plays, and runs again", async () => {
  const { page } = owner;
  await go(page, "Payouts");
  await page.getByLabel("Stop", { exact: true }).fill("pipes");
  await page.getByLabel("Why", { exact: true }).fill("a bug");
  await confirm(page, "Stop it");
  await page.getByText(/^pipes is stopped/).waitFor();
  const somebody = await visit(browser);
  await somebody.page.goto(`${server.origin}/play/${LEVEL}`);
  await somebody.page.getByRole("button", { name: "Start", exact: true }).click();
  await somebody.page.getByText(/stopped/i).first().waitFor();
  await confirm(page, "Let it run", page.getByRole("listitem").filter({ hasText: "a bug" }));
  await page.getByText(/^pipes runs again/).waitFor();
  await somebody.context.close();
});

test("every place is accessible, light and dark, and fits every screen", async () => {
  const { page } = owner;
  for (const [place, sign] of PLACES) {
    await page.setViewportSize({ width: 1200, height: 860 });
    await go(page, place);
    await page.getByText(sign).first().waitFor();
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await assertAccessible(page, `${place}, ${colorScheme}`);
    }
    await picture(page, `console-${place.toLowerCase().replaceAll(" ", "-")}`);
    await assertNarrow(page, place);
  }
  await page.setViewportSize({ width: 1200, height: 860 });
  await page.emulateMedia({ colorScheme: "light" });
});

test("what stands in charts stands in tables too, and can be saved", async () => {
  const { page } = owner;
  await go(page, "Overview");
  const figure = page.getByRole("figure", { name: "Rounds by the hour" });
  await figure.getByText("As a table").click();
  await figure.getByRole("columnheader", { name: "claimed" }).waitFor();
  const saved = page.waitForEvent("download");
  await figure.getByRole("button", { name: "Save as CSV" }).click();
  assert.equal((await saved).suggestedFilename(), "rounds-by-the-hour.csv");
});

test("the keyboard reaches the content by one step", async () => {
  const { page } = owner;
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

test("the first load is small, from one origin, and nothing was amiss", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  const load = await firstLoad(context, page, `${server.origin}/console`, (page) =>
    page.getByRole("button", { name: "Sign in with a passkey" }),
  );
  const listed = load.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(load.bytes <= LIMIT_BYTES, `${load.bytes} bytes:\n${listed}`);
  await assertAccessible(page, "signing in");
  assertCalm(noticed, server.origin);
  assertCalm(owner.noticed, server.origin);
  await context.close();
});
