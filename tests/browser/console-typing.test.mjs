// What somebody types in the console while answers arrive: it stays where it is, whatever is shown anew around it.

import { test } from "node:test";
import assert from "node:assert/strict";
import { accept, go, keptDraft, operator, part } from "./support/operator.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, startRound, visit } from "./support/visitor.mjs";

/** Whoever came first. */
let owner;

provide({
  async prepare() {
    owner = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(owner.page, link, "Ada");
    // Somebody to be found.
    const player = await visit(browser);
    await startRound(player.page, server, "pipes-1");
    await player.context.close();
  },
});

/** Holds what is asked in this way at `path` back until `release` is called, which has it `end` then. */
async function hold(page, method, path, end = (route) => route.continue()) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let came;
  const asked = new Promise((resolve) => (came = resolve));
  let went;
  const gone = new Promise((resolve) => (went = resolve));
  const handler = async (route) => {
    if (route.request().method() !== method) {
      await route.fallback();
      return;
    }
    came();
    await held;
    await end(route);
    went();
  };
  await page.route(path, handler);
  return {
    /** Waits until it is asked for. */
    asked,
    async release() {
      release();
      await gone;
      await page.unroute(path, handler);
    },
  };
}

const budget = (page) => page.getByRole("region", { name: "Campaign default" }).getByLabel("Budget", { exact: true });
const boost = (page) => page.getByRole("region", { name: "Campaign default" }).getByLabel("Boost", { exact: true });

test("the field of a campaign keeps what is typed when the list of drafts arrives, and when the draft was kept", async () => {
  const { page } = owner;
  await go(page, "Levels and rewards");
  await page.getByRole("option", { name: /^In force/ }).waitFor({ state: "attached" });
  const drafts = await hold(page, "GET", "**/admin/v1/catalog/drafts");
  await page.getByRole("button", { name: "Change something" }).click();
  const first = await keptDraft(page);
  await drafts.asked;
  await part(page, "Campaigns");
  const was = await budget(page).inputValue();
  await budget(page).press("End");
  await budget(page).pressSequentially("1");
  await drafts.release();
  await page.getByRole("option", { name: /^Draft: Ada/ }).waitFor({ state: "attached" });
  await budget(page).pressSequentially("2");
  assert.equal(await budget(page).inputValue(), `${was}12`);
  assert.equal(await page.evaluate(() => document.activeElement.id), "campaigns-0--budget", "whoever types is not moved away");

  const kept = await hold(page, "PUT", "**/admin/v1/catalog/drafts/*");
  await budget(page).press("Tab");
  await kept.asked;
  await boost(page).focus();
  await boost(page).pressSequentially("15");
  await kept.release();
  const second = await keptDraft(page, first);
  await boost(page).pressSequentially("0");
  assert.equal(await boost(page).inputValue(), "150");
  await boost(page).press("Tab");
  await keptDraft(page, second);
  assert.deepEqual([await budget(page).inputValue(), await boost(page).inputValue()], [`${was}12`, "150"]);
});

test("what cannot be read stays while it is mended, and what is as it was needs no keeping", async () => {
  const { page } = owner;
  const was = await boost(page).inputValue();
  await boost(page).fill("much");
  await boost(page).press("Tab");
  await page.getByText("Not kept: expected percent").waitFor();
  await boost(page).press("End");
  await boost(page).pressSequentially("er");
  assert.equal(await boost(page).inputValue(), "mucher");
  await page.getByText("Not kept: expected percent").waitFor();
  await boost(page).fill(was);
  await page.getByText("Not kept: expected percent").waitFor({ state: "detached" });
  await boost(page).press("Tab");
  assert.equal(await boost(page).inputValue(), was);
});

test("the search for players keeps what is typed when what was found arrives, and after somebody was looked at", async () => {
  const { page } = owner;
  await go(page, "Players");
  const wallet = await page.getByRole("region", { name: "Players" }).getByRole("button").first().textContent();
  const search = page.getByLabel("Wallet, or how it begins");
  const found = await hold(page, "GET", "**/admin/v1/players?search=*");
  await search.pressSequentially(wallet.slice(0, 4));
  await search.press("Enter");
  await found.asked;
  await search.pressSequentially(wallet.slice(4, 6));
  await found.release();
  await page.getByRole("heading", { name: "Found" }).waitFor();
  await page.getByRole("row", { name: wallet }).waitFor();
  await search.pressSequentially(wallet.slice(6, 8));
  assert.equal(await search.inputValue(), wallet.slice(0, 8));
  await page.getByRole("row", { name: wallet }).getByRole("button").click();
  await page.getByRole("button", { name: "← All players" }).click();
  assert.equal(await search.inputValue(), wallet.slice(0, 8));
});

test("a note about a player keeps what is typed when an answer arrives, and when none does", async () => {
  const { page } = owner;
  await page.getByRole("region", { name: "Players" }).getByRole("button").first().click();
  const text = page.getByLabel("Why, or a note");
  await text.pressSequentially("plays at");
  const noted = await hold(page, "POST", "**/admin/v1/players/*/notes");
  await page.getByRole("button", { name: "Note it" }).click();
  await noted.asked;
  await text.focus();
  await text.press("End");
  await text.pressSequentially(" night");
  await noted.release();
  await page.getByText("Noted.").waitFor();
  await page.getByRole("listitem").filter({ hasText: "plays at" }).waitFor();
  assert.equal(await text.inputValue(), "plays at night");

  // The note is kept, and how the player stands then is not told.
  const looked = await hold(page, "GET", /\/admin\/v1\/players\/\w+$/, (route) => route.abort());
  await page.getByRole("button", { name: "Note it" }).click();
  await looked.asked;
  await text.focus();
  await text.press("End");
  await text.pressSequentially(", too");
  await looked.release();
  await page.getByRole("alert").filter({ hasText: "The server could not be reached" }).waitFor();
  assert.equal(await text.inputValue(), "plays at night, too");
});

test("whoever is invited keeps the name that they have typed when making a passkey fails", async () => {
  const { page } = owner;
  await go(page, "Access");
  await page.getByLabel("Invite").fill("Grace");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = (await page.getByLabel("Link of the invitation").textContent()).trim();
  const guest = await operator(browser);
  await guest.page.goto(link);
  const name = guest.page.getByLabel("Your name, as others will read it");
  assert.equal(await name.inputValue(), "Grace");
  await name.fill("Grace H");
  const options = await hold(guest.page, "POST", "**/admin/v1/invitation/options", (route) => route.abort());
  await guest.page.getByRole("button", { name: "Make a passkey" }).click();
  await options.asked;
  await name.press("End");
  await name.pressSequentially("opper");
  await options.release();
  await guest.page.getByRole("alert").waitFor();
  assert.equal(await name.inputValue(), "Grace Hopper");
  await guest.page.getByRole("button", { name: "Make a passkey" }).click();
  await guest.page.getByText("Grace Hopper").first().waitFor();
  assertCalm(guest.noticed, server.origin);
  await guest.context.close();
  assertCalm(owner.noticed, server.origin);
});
