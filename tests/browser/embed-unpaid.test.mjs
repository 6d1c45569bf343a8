// The widget on pages of a site that pays nothing, where a level stands in the place of a captcha; and which campaigns reach a site at all.

import { test } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";
import { assertAccessible } from "./support/axe.mjs";
import { startProfile } from "./support/chromium.mjs";
import { mouse } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { PHONE } from "./support/visitor.mjs";
import { SHOP, assertQuiet, hostPage, register, visitHost, visitHostIn, widgetDocument, widgetFrame } from "./support/widget.mjs";

/** Words of money, and of what is kept of it. The faucet's name is none. */
const MONEY = /\bDRIP\b|\bdrips?\b|\bbalance|\bpays?\b|\bpaid\b|\bearn|\breward|\bback(ed)? ?up|\breceipt|\bledger|\bsandbox/;

/** Where the catalog is. */
let folder;
/** The code of a voucher of the campaign that pays on the pages of the club alone. */
let code;

provideShop({
  async more() {
    folder = await mkdtemp(join(tmpdir(), "dripline-unpaid-"));
    const { stdout } = await promisify(execFile)(env.DRIPLINE_BIN, ["catalog", "export", "--first-run"]);
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
    const members = campaign("members", "Members of the club", 'audience = "vouchers"');
    await writeFile(catalog, [stdout, campaign("launch", "Launch week", "boost = 20000"), members].join(""));
    return ["--catalog", catalog];
  },
  async pages(faucet) {
    const page = (attributes, height = "640px") => ({
      body: hostPage({
        faucet,
        head: `<style>body{margin:0}dripline-faucet{display:block;min-height:${height}}</style>`,
        body: `<main><h1>A shop</h1><dripline-faucet id="widget" ${attributes}></dripline-faucet></main>`,
      }),
    });
    return {
      "/gate": page('site="gate" layout="inline"'),
      "/captcha": page('site="gate" level="pipes-1"'),
      "/nameless": page('site="trial" level="pipes-1"'),
      "/shop": page('site="shop" layout="full"', "100dvh"),
      "/club": page('site="club" layout="full"', "100dvh"),
    };
  },
  async prepare() {
    const origins = [hosts.origin(SHOP)];
    const look = { title: "Are you a person?", text: "Clear a level, and go on." };
    await register(server, { id: "gate", origins, levels: ["pipes-1", "pipes-2"], look });
    // It names a campaign, which pays for nothing on a site that is for trying out.
    await register(server, { id: "trial", origins, campaign: "default", mode: "test" });
    await register(server, { id: "club", origins, campaign: "members" });
    const answer = await fetch(`${server.origin}/admin/v1/campaigns/members/vouchers`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
      body: JSON.stringify({ client_id: "01".repeat(16), count: 1 }),
    });
    [code] = (await answer.json()).codes;
  },
  end: () => rm(folder, { recursive: true }),
});

const at = (path) => `${hosts.origin(SHOP)}${path}`;

/** Asserts that nothing that is displayed, or read out, speaks of money. */
async function assertFreeOfMoney(frame, place) {
  const shown = await frame.locator("body").innerText();
  assert.doesNotMatch(shown, MONEY, place);
  assert.ok(shown.trim().length > 20, `${place}: ${shown}`);
}

for (const [device, screen] of Object.entries({ desk: {}, phone: PHONE })) {
  test(`nothing on a page of a site that pays nothing speaks of money, from the map to the cleared level, on a ${device}`, async () => {
    const { context, page, noticed, tells, told } = await visitHost(browser, at("/gate"), { ...screen, reducedMotion: "reduce" });
    const frame = await widgetDocument(page);
    const look = async (place) => {
      await assertFreeOfMoney(frame, place);
      await assertAccessible(page, place);
      await picture(page, `embed/unpaid-${place}-${device}`);
      assert.equal(await frame.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, place);
    };
    await frame.getByRole("link", { name: /^Play / }).first().waitFor();
    await look("map");
    await frame.getByRole("link", { name: "Wallet" }).click();
    await frame.getByRole("button", { name: "Connect a wallet" }).waitFor();
    await look("wallet");
    assert.equal(await frame.locator(".card:visible").count(), 1, "who the visitor is, and nothing else");
    await frame.getByRole("link", { name: "Levels" }).click();
    await frame.getByRole("link", { name: /^Play / }).first().click();
    await frame.getByRole("button", { name: "Start", exact: true }).waitFor();
    await look("ready");
    await frame.getByRole("button", { name: "Start", exact: true }).click();
    await frame.getByRole("application").waitFor();
    await playPipes(frame, mouse(page));
    const { token } = await tells("cleared");
    assert.match(token, /^dripline_token_live_/);
    await frame.getByRole("heading", { name: "Cleared!" }).waitFor();
    await look("cleared");
    await frame.getByRole("link", { name: "All levels" }).click();
    await frame.getByRole("link", { name: /^Play / }).first().waitFor();
    await look("map-again");
    assert.deepEqual([await told("drip"), await told("error")], [[], []]);
    assertQuiet(noticed);
    await context.close();
  });
}

test("a level in the place of a captcha is all that there is, whether the site pays nothing or is for trying out", async () => {
  for (const path of ["/captcha", "/nameless"]) {
    const { context, page, noticed, tells } = await visitHost(browser, at(path), { ...PHONE, reducedMotion: "reduce" });
    const frame = await widgetDocument(page);
    await frame.getByRole("button", { name: "Start", exact: true }).waitFor();
    await assertFreeOfMoney(frame, path);
    await picture(page, `embed/unpaid-${path.slice(1)}-ready`);
    assert.equal(await frame.getByRole("link", { name: /Wallet|Balance/ }).count(), 0, path);
    await frame.getByRole("button", { name: "Start", exact: true }).click();
    await frame.getByRole("application").waitFor();
    await playPipes(frame, mouse(page));
    await tells("cleared");
    await frame.getByRole("heading", { name: "Cleared!" }).waitFor();
    await assertFreeOfMoney(frame, path);
    await picture(page, `embed/unpaid-${path.slice(1)}-cleared`);
    assertQuiet(noticed);
    await context.close();
  }
});

test("a site whose answer is late shows nothing of money meanwhile, and one that pays shows what it pays", async () => {
  const { context, page, noticed } = await visitHost(browser, "about:blank");
  await context.route("**/api/v1/sites/gate", () => {});
  await page.goto(at("/gate"));
  const frame = await widgetDocument(page);
  await frame.getByRole("link", { name: /^Play / }).first().waitFor();
  await assertFreeOfMoney(frame, "without the site's own answer");
  await page.goto(at("/shop"));
  await (await widgetDocument(page)).getByText(/\bDRIP\b/).first().waitFor();
  assertQuiet(noticed);
  await context.close();
});

test("codes are for the site that their campaign pays: others have no form for them, and open rounds as if there were none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { viewport: { width: 1000, height: 900 } });
  try {
    const club = await visitHostIn(context, at("/club"));
    const member = await widgetDocument(club.page);
    await member.getByText("I have a code").click();
    await member.getByLabel("The code of a voucher").fill(code);
    await member.getByRole("button", { name: "Use it" }).click();
    const banner = (frame) => frame.locator(".notice").filter({ hasText: "Members of the club" });
    await banner(member).getByText("your next round in it uses it").waitFor();
    await club.page.close();

    // Of the same host: what the browser keeps for its pages is the same.
    for (const [path, campaign] of [["/shop", "default"], ["/gate", "(none)"]]) {
      const { page, noticed, tells, told } = await visitHostIn(context, at(path));
      const frame = await widgetDocument(page);
      await frame.getByRole("link", { name: /^Play / }).first().waitFor();
      assert.equal(await frame.getByText("I have a code").count(), 0, path);
      assert.equal(await frame.getByText("Launch week").count(), 0, path);
      if (path === "/gate") {
        assert.equal(await banner(frame).filter({ visible: true }).count(), 0);
      }
      const opened = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/rounds"));
      await frame.getByRole("link", { name: /^Play / }).first().click();
      await frame.getByRole("button", { name: "Start", exact: true }).click();
      const request = (await opened).postDataJSON();
      assert.deepEqual([request.campaign, request.voucher ?? null], [campaign, null]);
      assert.equal((await tells("round")).state, "opened", path);
      assert.deepEqual(await told("error"), [], path);
      assertQuiet(noticed);
      await page.close();
    }

    const { page, noticed, tells } = await visitHostIn(context, at("/club"));
    const frame = await widgetDocument(page);
    await banner(frame).waitFor();
    const opened = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/rounds"));
    await frame.getByRole("link", { name: /^Play / }).first().click();
    await frame.getByRole("button", { name: "Start", exact: true }).click();
    const request = (await opened).postDataJSON();
    assert.deepEqual([request.campaign, request.voucher], ["members", code.replaceAll("-", "")]);
    assert.equal((await tells("round")).state, "opened");
    assertQuiet(noticed);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
});
