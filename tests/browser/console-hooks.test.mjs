// The webhooks of a site in the console: an owner has the site's server told what happens there, and sees what came of each message.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { isSigned, startHooks } from "./support/hooks.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { accept, confirm, go, operator } from "./support/operator.mjs";
import { picture } from "./support/pictures.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm } from "./support/visitor.mjs";

/** Every webhook of a site. */
const ALL = "**/admin/v1/sites/shop/webhooks";

/** The site's server. */
let hooks;
/** Whoever came first. */
let owner;
/** The secret that the console has shown last. */
let secret;

provide({
  variables: { DRIPLINE_SITES_LOOPBACK_WEBHOOKS: "true" },
  async prepare() {
    hooks = await startHooks();
    owner = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(owner.page, link, "Ada");
    const site = { id: "shop", name: "The shop", mode: "live", origins: ["https://shop.example"], campaign: "default", look: {} };
    assert.equal(await asked(owner.page, "POST", "sites", site), 200);
  },
  end: () => hooks?.close(),
});

/** Asks the server as whoever is signed in on a page. Gives the status. */
function asked(page, method, path, body) {
  const ask = async ([method, path, body]) => {
    const { csrf } = await (await fetch("/admin/v1/me")).json();
    const headers = { "X-Dripline-CSRF": csrf, ...(body && { "Content-Type": "application/json" }) };
    return (await fetch(`/admin/v1/${path}`, { method, headers, body: body && JSON.stringify(body) })).status;
  };
  return page.evaluate(ask, [method, path, body]);
}

const part = (page) => page.getByRole("region", { name: "Webhooks", exact: true });

/** The webhook at this path of the site's server. */
const webhook = (page, path) => part(page).locator("li.rail").filter({ hasText: hooks.url(path) });

/** The messages to a webhook, the newest first. */
const messages = (of) => of.getByRole("group", { name: "Messages" }).getByRole("listitem");

/** Opens the place of the site. */
async function see(page) {
  await go(page, "Overview");
  await go(page, "Sites");
  await page.getByRole("button", { name: "The shop", exact: true }).click();
  await part(page).waitFor();
}

/** Adds a webhook by the form, which is open. Gives its secret. */
async function add(page, path) {
  await part(page).getByLabel("Address", { exact: true }).fill(hooks.url(path));
  await part(page).getByRole("button", { name: "Add it" }).click();
  await webhook(page, path).waitFor();
  const shown = part(page).locator("details").getByLabel("Secret of the webhook", { exact: true });
  await shown.waitFor();
  return (await shown.textContent()).trim();
}

test("there is none at first, and what is wrong with a new one is told at its field", async () => {
  const { page } = owner;
  await see(page);
  await part(page).getByText("There is none: it is told nothing.").waitFor();
  await part(page).getByText("Add a webhook").click();
  const address = part(page).getByLabel("Address", { exact: true });
  await address.fill("http://10.0.0.7/hooks");
  await part(page).getByRole("button", { name: "Add it" }).click();
  await part(page).getByRole("alert").filter({ hasText: "Expected an address by https" }).waitFor();
  await address.and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await address.inputValue(), "http://10.0.0.7/hooks", "it can be mended");
  await picture(page, "console-hooks/mistake");
  await address.fill(hooks.url("/one"));
  for (const event of ["levels cleared", "drips", "little budget left"]) {
    await part(page).getByLabel(event).uncheck();
  }
  await part(page).getByRole("button", { name: "Add it" }).click();
  await part(page).getByRole("alert").filter({ hasText: "Choose at least one." }).waitFor();
  assert.equal(await address.and(page.locator("[aria-invalid=true]")).count(), 0);
  await part(page).getByText("There is none: it is told nothing.").waitFor();
});

test("a webhook is added by the keyboard alone, and its secret is shown once", async () => {
  const { page } = owner;
  await part(page).getByLabel("drips").focus();
  await page.keyboard.press("Space");
  await tabTo(page, "#webhooks ~ details button.is-small");
  await page.keyboard.press("Enter");
  await webhook(page, "/one").getByText("on", { exact: true }).waitFor();
  await webhook(page, "/one").getByText("Told of drips.").waitFor();
  const shown = part(page).getByLabel("Secret of the webhook", { exact: true });
  secret = (await shown.textContent()).trim();
  assert.match(secret, /^whsec_[A-Za-z0-9+/]+=*$/);
  await part(page).getByText("It is shown only now").waitFor();
  await owner.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await part(page).getByRole("button", { name: "Copy", exact: true }).click();
  await part(page).getByRole("button", { name: "Copied", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  assert.equal(await part(page).getByLabel("Address", { exact: true }).inputValue(), "", "there is room for the next one");
  await picture(page, "console-hooks/added");
  await see(page);
  await webhook(page, "/one").waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
});

test("a test arrives with a signature by that secret, and is told as taken", async () => {
  const { page } = owner;
  await webhook(page, "/one").getByRole("button", { name: "Send a test" }).click();
  const [arrival] = await hooks.arrivals(1);
  assert.equal(arrival.path, "/one");
  assert.ok(isSigned(arrival, secret));
  assert.ok(!isSigned({ ...arrival, body: Buffer.from("{}") }, secret));
  assert.equal(JSON.parse(arrival.body).type, "test");
  const message = messages(webhook(page, "/one"));
  await message.getByText("taken", { exact: true }).waitFor();
  await message.getByText(/^Sent once, the last time /).waitFor();
  await webhook(page, "/one").getByText("0 of 50\u202f000 messages wait.").waitFor();
  await message.getByText("What it says").click();
  await message.getByText(arrival.id).waitFor();
  await message.getByText(arrival.body.toString()).waitFor();
  await picture(page, "console-hooks/taken");
});

test("what is not taken tells why and when it is sent next, and can be sent again at once", async () => {
  const { page } = owner;
  const one = webhook(page, "/one");
  hooks.answers(503, { "Retry-After": "600" });
  await one.getByRole("button", { name: "Send a test" }).click();
  const failing = (await hooks.arrivals(2))[1];
  const message = messages(one).first();
  await message.getByText("waiting", { exact: true }).waitFor();
  await message.getByText("HTTP status 503").waitFor();
  const stands = await message.getByText(/Next attempt/).textContent();
  const [, last, next] = /^Sent once, the last time (.*)\. Next attempt (.*)\.$/.exec(stands);
  const minutes = (moment) => Date.parse(moment.replace(/^(\d+ \w+ \d+), /, "$1 ")) / 60_000;
  assert.ok(Math.abs(minutes(next) - minutes(last) - 10) < 1, `as late as it wants: ${stands}`);
  await one.getByText("1 of 50\u202f000 messages wait.").waitFor();
  await picture(page, "console-hooks/failing");
  hooks.answers(204);
  await message.getByRole("button", { name: "Send again" }).click();
  const again = (await hooks.arrivals(3))[2];
  assert.deepEqual([again.id, again.body], [failing.id, failing.body], "it is the same message");
  await message.getByText("taken", { exact: true }).waitFor();
  assert.equal(await messages(one).count(), 2);
});

test("a secret is rotated, and for a while messages are signed by both", async () => {
  const { page } = owner;
  const one = webhook(page, "/one");
  await confirm(page, "Rotate", one);
  await one.getByText(/^This is the new secret\./).waitFor();
  const rotated = (await one.getByLabel("Secret of the webhook", { exact: true }).textContent()).trim();
  assert.notEqual(rotated, secret);
  await one.getByText(/the former one signs, too, until/).waitFor();
  await one.getByRole("button", { name: "Send a test" }).click();
  const arrival = (await hooks.arrivals(4))[3];
  assert.deepEqual([secret, rotated].map((it) => isSigned(arrival, it)), [true, true]);
  await picture(page, "console-hooks/rotated");
});

test("it is switched off and on; while it is off nothing can be sent", async () => {
  const { page } = owner;
  const one = webhook(page, "/one");
  await confirm(page, "Switch off", one);
  await one.getByText("off", { exact: true }).waitFor();
  assert.equal(await one.getByRole("button", { name: /^Send/ }).count(), 0);
  await picture(page, "console-hooks/off");
  await one.getByRole("button", { name: "Switch on" }).click();
  await one.getByText("on", { exact: true }).waitFor();
  await one.getByRole("button", { name: "Send a test" }).waitFor();
});

test("one whose server says that it is gone is off, and says why, until it is switched on", async () => {
  const { page } = owner;
  const one = webhook(page, "/one");
  hooks.answers(410);
  await one.getByRole("button", { name: "Send a test" }).click();
  await one.getByText("gone", { exact: true }).waitFor();
  await one.getByText(/HTTP status 410\)\. So it was switched off\./).waitFor();
  await messages(one).first().getByText("given up", { exact: true }).waitFor();
  await picture(page, "console-hooks/gone");
  hooks.answers(204);
  await one.getByRole("button", { name: "Switch on" }).click();
  await one.getByText("on", { exact: true }).waitFor();
  assert.equal(await one.getByText(/HTTP status 410\)/).count(), 0);
});

test("its address and what it is told of are changed, and what is typed stays while messages are looked at", async () => {
  const { page } = owner;
  const one = webhook(page, "/one");
  hooks.answers(503, { "Retry-After": "600" });
  await one.getByRole("button", { name: "Send a test" }).click();
  await messages(one).first().getByText("HTTP status 503").waitFor();
  await one.getByRole("button", { name: "Change", exact: true }).click();
  const address = one.getByLabel("Address", { exact: true });
  assert.equal(await address.inputValue(), hooks.url("/one"));
  await address.press("End");
  await address.pressSequentially("-and");
  // One message waits: the console looks how it stands, again and again.
  await page.waitForResponse((response) => response.url().includes("/deliveries"));
  await address.pressSequentially("-more");
  assert.equal(await address.inputValue(), hooks.url("/one-and-more"));
  await one.getByLabel("levels cleared").check();
  await picture(page, "console-hooks/changing");
  await one.getByRole("button", { name: "Keep", exact: true }).click();
  const changed = webhook(page, "/one-and-more");
  await changed.getByText("Told of levels cleared, drips.").waitFor();
  await changed.getByLabel("Address", { exact: true }).waitFor({ state: "detached" });
  hooks.answers(204);
});

test("there are at most four, and the form goes when the last one's secret has been seen", async () => {
  const { page } = owner;
  await see(page);
  await part(page).getByText("Add a webhook").click();
  for (const path of ["/two", "/three", "/four"]) {
    assert.match(await add(page, path), /^whsec_/);
  }
  await part(page).getByLabel("Address", { exact: true }).fill(hooks.url("/five"));
  await part(page).getByRole("button", { name: "Add it" }).click();
  await part(page).getByRole("alert").filter({ hasText: "a site may have 4 webhooks" }).waitFor();
  await see(page);
  await webhook(page, "/four").waitFor();
  assert.equal(await part(page).getByText("Add a webhook").count(), 0);
});

test("of two operators, the one who comes late is told that it is gone", async () => {
  const { page } = owner;
  const second = await owner.context.newPage();
  await second.goto(`${server.origin}/console#sites`);
  await second.getByRole("button", { name: "The shop", exact: true }).click();
  await webhook(second, "/four").waitFor();
  await confirm(page, "Remove", webhook(page, "/four"));
  await webhook(page, "/four").waitFor({ state: "detached" });
  await confirm(second, "Switch off", webhook(second, "/four"));
  await part(second).getByRole("alert").filter({ hasText: "The site has no such webhook" }).waitFor();
  await webhook(second, "/four").waitFor({ state: "detached" });
  await second.close();
});

test("while the server does not answer that is said, and what failed is told and can be had anew", async () => {
  const { page } = owner;
  let answered;
  const held = new Promise((resolve) => (answered = resolve));
  await page.route(ALL, async (route) => {
    await held;
    await route.abort();
  });
  await see(page);
  await part(page).getByRole("status").filter({ hasText: "Asking the server …" }).waitFor();
  answered();
  await part(page).getByRole("alert").filter({ hasText: "The server could not be reached" }).waitFor();
  await picture(page, "console-hooks/failed");
  await page.unroute(ALL);
  await see(page);
  await webhook(page, "/two").waitFor();
});

test("a viewer sees webhooks and their messages, and has no buttons for them", async () => {
  const { page } = owner;
  await go(page, "Access");
  await page.getByLabel("Invite").fill("Vera");
  await page.getByLabel("as", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = (await page.getByLabel("Link of the invitation").textContent()).trim();
  const viewer = await operator(browser);
  await accept(viewer.page, link, "Vera");
  await see(viewer.page);
  const seen = webhook(viewer.page, "/one-and-more");
  await seen.getByRole("button", { name: "Messages" }).click();
  await messages(seen).first().getByText("HTTP status 503").waitFor();
  const names = await part(viewer.page).getByRole("button").allTextContents();
  assert.deepEqual(names, ["Messages", "The newest", "Older", "Messages", "Messages"]);
  assert.equal(await part(viewer.page).getByText("Add a webhook").count(), 0);
  assertCalm(viewer.noticed, server.origin);
  await viewer.context.close();
});

test("all of it is accessible, light and dark, and fits every screen", async () => {
  const { page } = owner;
  await see(page);
  const one = webhook(page, "/one-and-more");
  for (const name of ["Messages", "Change"]) {
    await one.getByRole("button", { name, exact: true }).click();
  }
  await messages(one).first().getByText("What it says").click();
  await confirmAsked(one);
  await part(page).getByText("Add a webhook").click();
  await part(page).getByLabel("Address", { exact: true }).last().waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.setViewportSize({ width: 1200, height: 860 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `webhooks, ${colorScheme}`);
    for (const width of [1440, 1200, 768, 320]) {
      await page.setViewportSize({ width, height: 860 });
      await one.scrollIntoViewIfNeeded();
      await one.evaluate((element) => element.scrollIntoView());
      await picture(page, `console-hooks/all-${colorScheme}-${width}`);
      await page.getByRole("button", { name: "Add it" }).scrollIntoViewIfNeeded();
      await picture(page, `console-hooks/all-${colorScheme}-${width}-below`);
    }
    await assertNarrow(page, `webhooks, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 1200, height: 860 });
  await page.emulateMedia({ colorScheme: "light" });
});

/** Has a question asked, and leaves it there. */
async function confirmAsked(one) {
  await one.getByRole("button", { name: "Remove", exact: true }).click();
  await one.getByText("Remove it? What waits is not sent.").waitFor();
}

test("webhooks are removed, and of a site that has ended they can only be seen", async () => {
  const { page } = owner;
  await see(page);
  for (const path of ["/two", "/three"]) {
    await confirm(page, "Remove", webhook(page, path));
    await webhook(page, path).waitFor({ state: "detached" });
  }
  await confirm(page, "End the site");
  await page.getByText(/^It has ended/).waitFor();
  const one = webhook(page, "/one-and-more");
  await one.getByRole("button", { name: "Remove" }).waitFor({ state: "detached" });
  assert.deepEqual(await one.getByRole("button").allTextContents(), ["Messages"]);
  assertCalm(owner.noticed, server.origin);
});
