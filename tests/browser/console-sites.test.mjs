// Sites in the console: an owner registers one and pastes its lines into a page of another site, and who else may do what.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { freePort, startHosts } from "./support/hosts.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { accept, confirm, go, operator } from "./support/operator.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm } from "./support/visitor.mjs";
import { FAUCET, SHOP, assertQuiet, faucetOf, visitHost, widgetDocument } from "./support/widget.mjs";

/** One red pixel. */
const LOGO = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==", "base64");

let hosts;
/** Whoever came first. */
let owner;
/** The lines that the console gave, as a newcomer would paste them. */
let lines;

provide({
  port: freePort,
  variables: (port) => ({ DRIPLINE_SERVER_PUBLIC_ORIGINS: `http://${FAUCET}:${port}` }),
  async prepare() {
    hosts = await startHosts({
      "/": () => ({ body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title></head><body><h1>A shop</h1>${lines}</body></html>` }),
    });
    owner = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(owner.page, link, "Ada");
  },
  end: () => hosts?.close(),
});

/** Opens the place of a site. */
async function see(page, name) {
  await go(page, "Overview");
  await go(page, "Sites");
  await page.getByRole("button", { name, exact: true }).click();
  await page.getByRole("heading", { level: 2, name: new RegExp(`^${name}`) }).waitFor();
  await page.getByRole("region", { name: "What came of it" }).getByRole("figure").first().waitFor();
}

/** Types into a field, and goes on. */
async function type(page, label, text) {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByLabel(label, { exact: true }).press("Tab");
}

const shown = async (page, label) => (await page.getByLabel(label, { exact: true }).textContent()).trim();

test("mistakes are told at their fields, and nothing is sent before they are gone", async () => {
  const { page } = owner;
  await go(page, "Sites");
  await page.getByText("There is none yet.").waitFor();
  await page.getByRole("button", { name: "Register a site" }).click();
  assert.equal(await page.locator("[aria-invalid=true]").count(), 0, "nobody is told of fields that they have not come to");
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByRole("alert").filter({ hasText: "Not sent" }).waitFor();
  for (const field of ["Id", "Name", "Origins"]) {
    await page.getByLabel(field, { exact: true }).and(page.locator("[aria-invalid=true]")).waitFor();
  }
  await type(page, "Origins", "https://shop.example/");
  await page.getByRole("alert").filter({ hasText: "https://shop.example/: expected an origin" }).waitFor();
  await type(page, "Colour", "blue");
  await page.getByRole("alert").filter({ hasText: "a colour such as #1a73e8" }).waitFor();
  await page.getByLabel("Logo").setInputFiles({ name: "logo.gif", mimeType: "image/gif", buffer: Buffer.from("GIF89a") });
  await page.getByRole("alert").filter({ hasText: "Expected a PNG, WebP or SVG" }).waitFor();
  await page.getByRole("button", { name: "Without a logo" }).click();
  await picture(page, "console-sites-mistakes");
});

test("an owner registers a site, pastes its lines into a page of another site, and what is won there can be verified", async () => {
  const { page } = owner;
  await type(page, "Id", "shop");
  await type(page, "Name", "The shop");
  await type(page, "Origins", hosts.origin(SHOP));
  await page.getByLabel("Pays from").selectOption("default");
  await type(page, "Title", "Win a coupon");
  await type(page, "Colour", "#7a1fa2");
  await page.getByLabel("Logo").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: LOGO });
  await page.getByRole("img", { name: "The logo" }).waitFor();
  await page.getByLabel("Garden Tap").check();
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByRole("heading", { name: "It is registered: here are its keys" }).waitFor();
  assert.match(await shown(page, "Key of its statistics"), /^dripline_stats_/);
  const secret = await shown(page, "Secret of its server");
  assert.match(secret, /^dripline_site_live_/);
  await page.getByLabel("Level", { exact: true }).selectOption({ label: "Garden Tap" });
  lines = await page.getByLabel("The lines for its pages", { exact: true }).and(page.locator("code")).textContent();
  assert.ok(lines.includes(`src="${faucetOf(server)}/embed/v1.js"`), lines);
  assert.ok(lines.includes(`site="shop" level="pipes-1"`), lines);
  await picture(page, "console-sites-registered");

  const host = await visitHost(browser, `${hosts.origin(SHOP)}/`);
  const ready = await host.tells("ready");
  assert.deepEqual({ site: ready.site, level: ready.level, levels: ready.levels }, { site: "shop", level: "pipes-1", levels: ["pipes-1"] });
  const frame = await widgetDocument(host.page);
  await frame.getByRole("button", { name: "Start", exact: true }).click();
  await frame.getByRole("application").waitFor();
  await playPipes(frame, mouse(host.page));
  const { token } = await host.tells("cleared");
  const answer = await fetch(`${server.origin}/api/v1/siteverify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret, token }),
  });
  assert.equal((await answer.json()).success, true);
  assertQuiet(host.noticed);
  await host.context.close();

  const [playground] = await Promise.all([
    owner.context.waitForEvent("page"),
    page.getByRole("link", { name: "Try it out, in other layouts too" }).click(),
  ]);
  await playground.getByLabel("Site", { exact: true }).waitFor();
  assert.equal(await playground.getByLabel("Site", { exact: true }).inputValue(), "shop");
  await playground.close();
});

test("what came of it is in the list, in charts and tables, and can be saved; its keys are shown no more", async () => {
  const { page } = owner;
  await go(page, "Overview");
  await go(page, "Sites");
  await page.getByRole("row", { name: /The shop shop\s*live .* default 1 1 1$/ }).waitFor();
  await picture(page, "console-sites");
  await see(page, "The shop");
  assert.equal(await page.getByText(/dripline_(site|stats)_/).count(), 0);
  const figure = page.getByRole("figure", { name: "Rounds by the day" });
  await figure.getByText("As a table").click();
  const rows = figure.getByRole("region", { name: "Rounds by the day, as a table" }).getByRole("row");
  const today = new Date().toLocaleDateString("en-GB", { dateStyle: "medium", timeZone: "UTC" });
  await figure.getByRole("row", { name: `${today} 1 1 1` }).waitFor();
  assert.equal(await rows.count(), 31, "a day each, and the names");
  const saved = page.waitForEvent("download");
  await figure.getByRole("button", { name: "Save as CSV" }).click();
  assert.equal((await saved).suggestedFilename(), "rounds-by-the-day.csv");
  await page.getByLabel("Days, by UTC").selectOption("7");
  await rows.nth(8).waitFor({ state: "detached" });
  assert.equal(await rows.count(), 8);
});

test("of two who change a site at once the second is told, and overwrites nothing", async () => {
  const { page } = owner;
  const second = await owner.context.newPage();
  await second.goto(`${faucetOf(server)}/console#sites`);
  await second.getByRole("button", { name: "The shop", exact: true }).click();
  await see(page, "The shop");
  for (const [one, title] of [[page, "Win two"], [second, "Win three"]]) {
    await type(one, "Title", title);
    await one.getByRole("button", { name: "Keep", exact: true }).click();
    if (one === page) {
      await page.getByText("Kept. It is in force on every server within a second.").waitFor();
    }
  }
  await second.getByRole("alert").filter({ hasText: "the site is at revision 2" }).waitFor();
  assert.equal(await second.getByLabel("Title").inputValue(), "Win three", "what was typed is still there");
  await second.getByRole("button", { name: "Drop what I have changed, and see it as it is" }).click();
  await second.waitForFunction(() => document.getElementById("look-title")?.value === "Win two");
  const site = await (await fetch(`${server.origin}/api/v1/sites/shop`)).json();
  assert.equal(site.look.title, "Win two");
  await second.close();
});

test("a key is rotated with an overlap, and revoked", async () => {
  const { page } = owner;
  await see(page, "The shop");
  const keys = page.getByRole("region", { name: "Keys", exact: true });
  const line = keys.getByRole("listitem").filter({ hasText: "Secret of its server" });
  await keys.getByLabel("When one is rotated").selectOption("a week");
  await confirm(page, "Rotate", line);
  await keys.getByText("This is the new one. It is shown only now.").waitFor();
  assert.match(await keys.locator("code.copy-text").textContent(), /^dripline_site_live_/);
  await line.getByText(/the former one holds until/).waitFor();
  await confirm(page, "Revoke", line);
  await line.getByText("revoked", { exact: true }).waitFor();
  assert.equal(await keys.locator("code.copy-text").count(), 0);
  assert.equal(await line.getByRole("button").count(), 1, "it can be given a new secret, and not be revoked once more");
});

test("whoever has to show their passkey again is asked for it where they are, and what they wanted is done then", async () => {
  const { page } = owner;
  await go(page, "Access");
  const sessions = page.getByRole("region", { name: "Sessions", exact: true }).getByRole("row");
  await page.getByText("this one").waitFor();
  const before = await sessions.count();
  // As the server answers ten minutes after somebody has signed in.
  const old = { status: 403, title: "Sign out and in again", code: "verification_needed", detail: "", reasons: [], type: "/problems/verification_needed" };
  await page.route("**/admin/v1/keys", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", json: old }), { times: 1 });
  assert.equal(await page.getByLabel("For", { exact: true }).inputValue(), "live", "a key is for the work itself where nobody says otherwise");
  const answered = page.waitForResponse((response) => response.url().endsWith("/admin/v1/sign-in"));
  await type(page, "New key", "deploy");
  await page.getByRole("button", { name: "Make a key" }).click();
  assert.equal((await answered).status(), 200);
  await page.getByText("This is the key deploy. It is shown only now.").waitFor();
  await go(page, "Overview");
  await go(page, "Access");
  await page.getByText("this one").waitFor();
  assert.equal(await sessions.count(), before, "the new session has taken the place of the former one");
});

test("a viewer sees it all, and has no buttons for it", async () => {
  const { page } = owner;
  await go(page, "Access");
  await page.getByLabel("Invite").fill("Vera");
  await page.getByLabel("as", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await shown(page, "Link of the invitation");
  const viewer = await operator(browser);
  await accept(viewer.page, link, "Vera");
  await go(viewer.page, "Sites");
  await viewer.page.getByRole("row", { name: /The shop/ }).waitFor();
  assert.equal(await viewer.page.getByRole("button", { name: "Register a site" }).count(), 0);
  await see(viewer.page, "The shop");
  const names = await viewer.page.getByRole("main").getByRole("button").allTextContents();
  assert.deepEqual(names, ["All sites", "Copy"]);
  assert.ok(await viewer.page.getByLabel("Title").isDisabled());
  assertCalm(viewer.noticed, faucetOf(server));
  await viewer.context.close();
});

test("the place of a site is accessible, light and dark, and fits every screen", async () => {
  const { page } = owner;
  const looks = async (name) => {
    await page.setViewportSize({ width: 1200, height: 860 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await assertAccessible(page, `${name}, ${colorScheme}`);
      await picture(page, `console-sites/${name}-${colorScheme}`);
    }
    await assertNarrow(page, name);
    await page.setViewportSize({ width: 320, height: 800 });
    await picture(page, `console-sites/${name}-320`);
    await page.setViewportSize({ width: 1200, height: 860 });
    await page.emulateMedia({ colorScheme: "light" });
  };
  await see(page, "The shop");
  await looks("one");
  await page.getByRole("button", { name: "All sites" }).click();
  await page.getByRole("button", { name: "Register a site" }).click();
  await looks("new");
  const header = await page.getByRole("banner").boundingBox();
  assert.ok(header.height < 64, `the header is one line at 1200 pixels: ${header.height}`);
});

test("a site that is ended shows nothing more, and its id is taken for good", async () => {
  const { page } = owner;
  await see(page, "The shop");
  await confirm(page, "End the site");
  await page.getByText(/^It has ended/).waitFor();
  await page.getByRole("button", { name: "Keep", exact: true }).waitFor({ state: "detached" });
  assert.equal((await fetch(`${server.origin}/api/v1/sites/shop`)).status, 404);
  await page.getByRole("button", { name: "All sites" }).click();
  await page.getByRole("row", { name: /The shop shop\s*ended/ }).waitFor();
  await page.getByRole("button", { name: "Register a site" }).click();
  for (const [field, text] of [["Id", "shop"], ["Name", "Again"], ["Origins", "https://shop.example"]]) {
    await type(page, field, text);
  }
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByRole("alert").filter({ hasText: "Expected an id that no site has or had." }).waitFor();
  assertCalm(owner.noticed, faucetOf(server));
});
