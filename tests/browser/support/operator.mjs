// Somebody who operates the faucet: has a passkey, which Chromium keeps for them, and a console.

import { DESK, watch } from "./visitor.mjs";

/** Opens a profile whose browser has an authenticator of its own, and whoever holds it says yes. */
export async function operator(browser, options = DESK) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  const noticed = watch(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { context, page, noticed };
}

/** Takes an invitation, and is in the console from then on. */
export async function accept(page, link, name) {
  await page.goto(link);
  await page.getByLabel("Your name, as others will read it").fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Goes to a place of the console by its navigation. */
export async function go(page, place) {
  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: place }).click();
  await page.getByRole("heading", { level: 1, name: place }).waitFor();
}

/** Says yes to what a button asks before it does it. */
export async function confirm(page, button, within = page) {
  await within.getByRole("button", { name: button, exact: true }).click();
  await within.getByRole("group").getByRole("button", { name: button, exact: true }).click();
}

/** Opens a part of the catalog. */
export async function part(page, name) {
  await page.getByRole("navigation", { name: "Parts of the catalog" }).getByRole("button", { name }).click();
}

/** Waits until a draft is kept, under another revision than that which was told before. Gives what is told of it. */
export async function keptDraft(page, before = "of none") {
  const kept = page.getByText(/^Draft kept \(revision \d+\)/).filter({ hasNotText: before });
  await kept.waitFor();
  return /revision \d+/.exec(await kept.textContent())[0] + ")";
}

/** Begins a draft of what is in force, with another base reward of a level. */
export async function draftWithReward(page, level, reward) {
  await go(page, "Levels and rewards");
  await page.getByRole("button", { name: "Change something" }).click();
  const kept = await keptDraft(page);
  await page.getByRole("listitem").filter({ hasText: level }).getByRole("button").first().click();
  await page.getByLabel("Base reward").fill(reward);
  await page.getByLabel("Base reward").press("Tab");
  await keptDraft(page, kept);
}
