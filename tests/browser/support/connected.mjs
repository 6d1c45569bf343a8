// Somebody with a wallet of their own at the faucet's page, and what they do there.

import assert from "node:assert/strict";
import { mouse } from "./hand.mjs";
import { playPipes } from "./pipes.mjs";
import { browser, server } from "./suite.mjs";
import { DESK, resultOf, startRound } from "./visitor.mjs";
import { bringWallet } from "./wallet.mjs";

/** The seeds of accounts that somebody has already. */
let seeds = 10;

/** Somebody with a wallet in the browser, or with that of a script. Every one has another account, unless told otherwise. */
export async function withWallet(options = DESK, seed = (seeds += 1), script = undefined) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  await (script ? context.addInitScript({ content: script }) : bringWallet(context, { seed }));
  const page = await context.newPage();
  const noticed = { errors: [] };
  page.on("pageerror", (error) => noticed.errors.push(`${error}`));
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load") && noticed.errors.push(message.text()));
  return { context, page, noticed, seed };
}

/** The dialog about wallets, and a button in it. */
export const dialog = (page) => page.getByRole("dialog");
export const button = (page, name) => dialog(page).getByRole("button", { name, exact: true });

export async function openWallet(page) {
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("heading", { name: "Wallet", exact: true }).waitFor();
}

/** Agrees to what is to be signed. */
export async function sign(page, name = "Sign in your wallet") {
  await button(page, name).click();
}

/** Chooses the wallet, up to what it is to sign. */
export async function chooseWallet(page) {
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await button(page, "Test wallet").click();
  await dialog(page).getByRole("heading", { name: "What your wallet is to sign" }).waitFor();
}

/** Connects the wallet, as somebody who has earned nothing before. */
export async function connect(page) {
  await chooseWallet(page);
  const loaded = page.waitForEvent("load");
  await sign(page);
  await loaded;
  await page.getByRole("button", { name: "Connected wallet" }).waitFor();
}

/** Where the page shows for whom it plays. */
export const addressOf = (page) => page.locator(".address-text").first();

/** Plays a round to its reward. */
export async function earn(page) {
  await startRound(page, server, "pipes-1");
  await playPipes(page, mouse(page));
  assert.match(await resultOf(page, 30_000), /^Cleared/);
}

/** Asserts that nothing went wrong in the page. */
export const assertCalmOf = (noticed) => assert.deepEqual(noticed.errors, []);
