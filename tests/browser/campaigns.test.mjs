// Campaigns as players see them: what pays, how long, and codes that let them in; and what the operator has to tell.

import { test } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { accept, operator } from "./support/operator.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, assertCalm, resultOf, visit } from "./support/visitor.mjs";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOTICES = {
  terms: "Nobody has a claim to be paid.\nOne player, one wallet.",
  terms_url: "https://play.example/terms",
  excluded_regions: "Not for residents of Atlantis.",
  privacy_url: "https://play.example/privacy",
  contact: "help@play.example",
};

/** Where the catalog is. */
let folder;
/** Codes of vouchers of the campaign for those who have one. */
let codes;

provide({
  variables: Object.fromEntries(Object.entries(NOTICES).map(([name, text]) => [`DRIPLINE_NOTICES_${name.toUpperCase()}`, text])),
  async more() {
    folder = await mkdtemp(join(tmpdir(), "dripline-campaigns-"));
    const { stdout } = await promisify(execFile)(env.DRIPLINE_BIN, ["catalog", "export", "--first-run"]);
    const now = Date.now();
    const campaign = (id, name, rest) => `
[[campaigns]]
id = "${id}"
name = "${name}"
budget = "50000000"
${rest}
[campaigns.outflow]
ceiling = "100000000"
window_ms = 3600000
`;
    const catalog = join(folder, "catalog.toml");
    await writeFile(catalog, [
      stdout,
      campaign("launch", "Launch week", `ends_ms = ${now + 3 * DAY_MS + HOUR_MS}\nlevels = ["pipes-1", "pipes-2"]\nboost = 20000`),
      campaign("spring", "Spring rain", `starts_ms = ${now + 2 * DAY_MS}\nends_ms = ${now + 9 * DAY_MS}\nboost = 15000`),
      campaign("friends", "Friends of the faucet", `levels = ["pipes-1", "merge-1"]\nboost = 30000\naudience = "vouchers"`),
    ].join(""));
    return ["--catalog", catalog];
  },
  async prepare() {
    const { context, page } = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(page, link, "Ada");
    codes = await page.evaluate(async () => {
      const { csrf } = await (await fetch("/admin/v1/me")).json();
      const made = await fetch("/admin/v1/campaigns/friends/vouchers", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Dripline-CSRF": csrf },
        body: JSON.stringify({ client_id: "01".repeat(16), count: 3 }),
      });
      return (await made.json()).codes;
    });
    assert.equal(codes.length, 3);
    await context.close();
  },
  end: () => rm(folder, { recursive: true }),
});

/** The card of a level on the map. */
function card(page, level) {
  return page.locator(".level-card").filter({ has: page.locator(`#level-${level}`) });
}

/** The banner of a campaign. */
function banner(page, name) {
  return page.locator(".notice").filter({ hasText: name });
}

async function openMap(page, fragment = "") {
  await page.goto(`${server.origin}/${fragment}`);
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
}

/** Enters a code, as a person does. */
async function enter(page, code) {
  await page.getByText("I have a code").click();
  await page.getByLabel("The code of a voucher").fill(code);
  await page.getByRole("button", { name: "Use it" }).click();
}

for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of [["desk", DESK], ["phone", PHONE]]) {
    test(`a map with campaigns and a footer is accessible and fits, ${colorScheme}, on a ${screen}`, async () => {
      const { context, page, noticed } = await visit(browser, { ...options, colorScheme, reducedMotion: "reduce" });
      await openMap(page, `#voucher=${codes[2]}`);
      await banner(page, "Friends of the faucet").waitFor();
      await picture(page, `campaigns-${colorScheme}-${screen}`);
      await page.getByText("I have a code").click();
      const footer = page.getByRole("contentinfo");
      await footer.getByText("Terms", { exact: true }).click();
      await footer.getByText("Where it does not pay").click();
      await footer.getByText("Not for residents of Atlantis.").waitFor();
      await footer.scrollIntoViewIfNeeded();
      await picture(page, `notices-${colorScheme}-${screen}`);
      await assertAccessible(page, "the map with all of it open");
      await assertNarrow(page, "the map with all of it open");
      assertCalm(noticed, server.origin);
      await context.close();
    });
  }
}

test("a campaign is told of once, with its boost and its end, and marks the levels that it pays for", async () => {
  const { context, page, noticed } = await visit(browser);
  await openMap(page);
  const launch = banner(page, "Launch week");
  assert.match(
    await launch.textContent(),
    /Its drips are multiplied: ×2\. .*It ends in 3 d 0 h \(.+\)/,
  );
  assert.match(await banner(page, "Spring rain").textContent(), /×1\.5.*It starts in (2 d 0 h|1 d 23 h) .*It ends in/);
  assert.equal(await page.getByText("Friends of the faucet").count(), 0, "nobody is told of what they are not in");
  for (const level of ["pipes-1", "pipes-2"]) {
    await card(page, level).getByText("Launch week ×2").waitFor();
  }
  assert.equal(await page.locator(".level-campaign").count(), 2, "no other level is marked");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("the footer has the operator's notices on the map and in the wallet, and nothing where a level is played", async () => {
  const { context, page, noticed } = await visit(browser);
  await openMap(page);
  const footer = page.getByRole("contentinfo");
  for (const [name, address] of [
    ["More about the terms", NOTICES.terms_url],
    ["Privacy", NOTICES.privacy_url],
    ["Contact", "mailto:help@play.example"],
  ]) {
    assert.equal(await footer.getByRole("link", { name }).getAttribute("href"), address);
  }
  await footer.getByText("Terms", { exact: true }).click();
  assert.equal(await footer.locator(".foot-text").first().innerText(), NOTICES.terms);
  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  await footer.getByText("Where it does not pay").click();
  await footer.getByText(NOTICES.excluded_regions).waitFor();
  await page.goto(`${server.origin}/play/pipes-1`);
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
  assert.equal(await footer.count(), 0);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a code lets a player into its campaign, is used by the first round, and is of nobody else then", async () => {
  const { context, page, noticed } = await visit(browser);
  await openMap(page);
  await enter(page, "7KQ2M-XB4TD-9WPHR-C3VNE");
  await page.getByText("That is no code").waitFor();
  await page.getByLabel("The code of a voucher").fill(codes[0].toLowerCase().replaceAll("-", " "));
  await page.getByRole("button", { name: "Use it" }).click();
  const friends = banner(page, "Friends of the faucet");
  await friends.getByText("your next round in it uses it").waitFor();
  for (const level of ["pipes-1", "merge-1"]) {
    await card(page, level).getByText("Friends of the faucet ×3").waitFor();
  }
  await card(page, "pipes-2").getByText("Launch week ×2").waitFor();

  // Kept over a reload, and not used by looking.
  await page.reload();
  await friends.getByText("your next round in it uses it").waitFor();
  const opened = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/rounds"));
  await card(page, "pipes-1").getByRole("link", { name: "Play" }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  const request = (await opened).postDataJSON();
  assert.deepEqual([request.campaign, request.voucher], ["friends", codes[0].replaceAll("-", "")]);
  await page.getByRole("application").waitFor();
  await playPipes(page, mouse(page));
  assert.equal(await resultOf(page, 30_000), "Cleared!");
  await page.locator(".sum-line").filter({ hasText: "Campaign" }).filter({ hasText: "×3" }).waitFor();
  await page.getByRole("link", { name: "All levels" }).click();
  await friends.getByText("You have used a code for it").waitFor();
  assertCalm(noticed, server.origin);
  await context.close();

  const other = await visit(browser);
  await openMap(other.page);
  await enter(other.page, codes[0]);
  await other.page.getByText("The voucher was used by another wallet").waitFor();
  assert.equal(await banner(other.page, "Friends of the faucet").count(), 0);
  assertCalm(other.noticed, server.origin);
  await other.context.close();
});

test("a link with a code enters it, and leaves nothing of it in the address or on the way to the server", async () => {
  const { context, page, noticed } = await visit(browser);
  const addresses = [];
  page.on("request", (request) => addresses.push(request.url()));
  await openMap(page, `#voucher=${codes[1]}`);
  await banner(page, "Friends of the faucet").getByText("your next round in it uses it").waitFor();
  assert.equal(page.url(), `${server.origin}/`);
  // In a page that is open already, too.
  await page.evaluate(() => {
    location.hash = "#voucher=7KQ2M-XB4TD-9WPHR-C3VNE";
  });
  await page.getByText("That is no code").waitFor();
  assert.equal(page.url(), `${server.origin}/`);
  // Whoever loads a page asks for it without the fragment: what the browser names it by here is not sent.
  const sent = addresses.map((address) => address.split("#")[0]);
  assert.ok(sent.every((address) => !/7KQ2M|voucher=/.test(address) && !address.includes(codes[1])), `${sent}`);
  assertCalm(noticed, server.origin);
  await context.close();
});
