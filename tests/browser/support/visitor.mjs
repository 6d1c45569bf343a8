// A person at a browser: opens pages, and notices whatever a page should not do.

import assert from "node:assert/strict";

/** The screen of a phone, and of a desk. */
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true };
export const DESK = { viewport: { width: 1200, height: 860 }, deviceScaleFactor: 1 };

/** Opens a profile of its own with one page. `options` are those of a screen. */
export async function visit(browser, options = DESK) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  return { context, page, noticed: watch(page) };
}

/** Collects what a page should not do: errors, violations of its policy, requests to elsewhere. */
export function watch(page) {
  const noticed = { errors: [], origins: new Set() };
  page.on("pageerror", (error) => noticed.errors.push(`${error}`));
  page.on("console", (message) => {
    // A request that fails is written there by the browser itself; whoever expects none asks for `noticed.failed`.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      noticed.errors.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http")) {
      noticed.origins.add(url.origin);
    }
  });
  return noticed;
}

/** Asserts that a page did nothing that it should not. */
export function assertCalm(noticed, origin) {
  assert.deepEqual(noticed.errors, [], "no errors, and nothing that the policy forbids");
  assert.deepEqual([...noticed.origins], [origin], "nothing is loaded from elsewhere");
}

/** Opens a level by its address and starts a round of it. */
export async function startRound(page, server, level) {
  await page.goto(`${server.origin}/play/${level}`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("application").waitFor();
}

/** Waits until the round is over, and gives the heading of the result. */
export async function resultOf(page, timeout = 20_000) {
  const heading = page.locator("article").getByRole("heading", { level: 1 });
  await heading.waitFor({ timeout });
  return (await heading.textContent()).trim();
}

/** The balance that the page shows, as it is written. */
export async function balance(page) {
  return (await page.getByRole("link", { name: /Balance/ }).first().textContent()).trim();
}

/** The number in a text of money: "0.013" of "0.013 DRIP". */
export function amountOf(text) {
  return /\d+(\.\d+)?/.exec(text)[0];
}
