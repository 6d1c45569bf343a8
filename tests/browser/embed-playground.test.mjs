// The playground's lines, copied and pasted as they are into pages of another site.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { bundle, compile, install } from "./support/package.mjs";
import { picture } from "./support/pictures.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { PHONE } from "./support/visitor.mjs";
import { SHOP, assertQuiet, faucetOf, visitHost, visitHostIn, widgetDocument, widgetFrame } from "./support/widget.mjs";
import { autop } from "./support/wordpress.mjs";

/** What is typed into the fields of these names, and chosen from them. */
const CHOICES = { Level: "pipes-1", Theme: "light" };
const TYPED = { Language: "de", Height: "480", Label: 'Play & "win"', "Text for your server": 'basket <7> & "more"' };
const LOOK = { Accent: "#7a1fa2", "Words on the accent": "white", Corners: "4px", Font: 'Georgia, "Times New Roman", serif' };
/** Pages by their paths: each is made from what was copied. */
const pages = {};

provideShop({ pages: () => pages });

const pasted = (body, head = "") => `<!doctype html><html lang="en"><head><title>A shop</title>${head}</head><body>${body}</body></html>`;
const playground = () => `${faucetOf(server)}/embed/playground?site=shop`;
const field = (page, label) => page.getByLabel(label, { exact: true });

/** Writes it in this way, copies the lines, and gives what the clipboard has. */
async function copied(page, way) {
  await field(page, "Written as").selectOption(way);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByText("Copied.").waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

test("what the playground has people copy works in a page of another site, word for word, in each way to write it", async () => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1200, height: 900 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: faucetOf(server) });
  const { page, noticed } = await visitHostIn(context, playground());
  const usual = await copied(page, "element");
  await page.getByRole("option", { name: /pipes/i }).first().waitFor({ state: "attached" });
  for (const summary of ["Size and texts", "Colours, corners and font"]) {
    await page.getByText(summary, { exact: true }).click();
  }
  for (const [label, value] of Object.entries(CHOICES)) {
    await field(page, label).selectOption(value);
  }
  for (const [label, value] of Object.entries({ ...TYPED, ...LOOK })) {
    await field(page, label).fill(value);
  }
  // The lines follow what is typed, once nobody has typed for a moment.
  await page.locator("#snippet").filter({ hasText: "basket" }).waitFor();
  const element = await copied(page, "element");
  const [div, wordpress, react] = [await copied(page, "div"), await copied(page, "wordpress"), await copied(page, "react")];
  await field(page, "Nonce").fill("abc");
  await field(page, "Hold the loader to its digest").check();
  await page.locator("#snippet").filter({ hasText: "sha384-" }).waitFor();
  const strict = await copied(page, "element");
  const held = await copied(page, "react");
  assertQuiet(noticed);
  await context.close();

  assert.equal(
    usual,
    `<script async src="${faucetOf(server)}/embed/v1.js"></script>
<style>dripline-faucet { display: block; min-height: 640px }</style>
<dripline-faucet site="shop"></dripline-faucet>`,
    "the lines of the guide",
  );
  const root = '<div id="root"></div><script src="/react.js"></script>';
  const policy = { "content-security-policy": `default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src ${faucetOf(server)}` };
  const { folder, end } = await install();
  try {
    for (const program of [react, held]) {
      assert.equal(await compile(folder, { "games.tsx": program }), "", "it is good for TypeScript as well");
    }
    const shown = "import { createRoot } from 'react-dom/client'; createRoot(document.getElementById('root')).render(<Games />);";
    pages["/react.js"] = { type: "text/javascript", body: await bundle(folder, `${react}\n${shown}`) };
    pages["/held.js"] = { type: "text/javascript", body: await bundle(folder, `${held}\n${shown}`) };
  } finally {
    await end();
  }
  Object.assign(pages, {
    "/element": { body: pasted(element) },
    "/div": { body: pasted(div) },
    "/wordpress": { body: pasted(autop(`Win a coupon.\n\n${wordpress}`)) },
    "/react": { body: pasted(root) },
    "/strict": { headers: policy, body: pasted(strict) },
    "/held": { headers: policy, body: pasted(root.replace("src=\"/react.js\"", 'nonce="abc" src="/held.js"')) },
  });
  for (const path of ["/element", "/div", "/wordpress", "/react", "/strict", "/held"]) {
    await assertShown(path);
  }
});

/** Asserts that a host's page shows what was chosen. */
async function assertShown(path) {
  const { context, page, noticed, tells } = await visitHost(browser, `${hosts.origin(SHOP)}${path}`);
  assert.equal((await tells("ready")).level, CHOICES.Level, path);
  await widgetFrame(page).getByRole("button", { name: "Start", exact: true }).waitFor();
  const widget = page.locator("dripline-faucet");
  const attribute = (name) => widget.getAttribute(name);
  assert.deepEqual([await attribute("cdata"), await attribute("label")], [TYPED["Text for your server"], TYPED.Label], path);
  assert.equal((await widget.boundingBox()).height, 480, path);
  const frame = await widgetDocument(page);
  const style = await frame.evaluate(() => {
    const own = getComputedStyle(document.documentElement);
    return [...["--button", "--button-ink", "--radius", "--font", "color-scheme"].map((name) => own.getPropertyValue(name)), navigator.language];
  });
  assert.deepEqual(style, ["#7a1fa2", "white", "4px", LOOK.Font, "light", "de"], path);
  assertQuiet(noticed);
  await context.close();
}

test("what cannot be shown is told at its field, and is neither in the lines nor in the widget", async () => {
  const { context, page, noticed, tells } = await visitHost(browser, playground(), { colorScheme: "dark", viewport: { width: 1200, height: 900 } });
  await tells("ready");
  await widgetFrame(page).getByRole("link", { name: /^Play/ }).first().waitFor();
  for (const summary of ["Size and texts", "Colours, corners and font"]) {
    await page.getByText(summary, { exact: true }).click();
  }
  await assertAccessible(page, "the playground, by night");
  const usual = await page.locator("#snippet").textContent();
  const wrongs = { Language: "de-de-de", Height: "tall", Accent: "#12345680", Words: "url(/a.png)", Corners: "100px", Font: "a;b" };
  for (const [label, value] of Object.entries(wrongs)) {
    await field(page, label).fill(value);
  }
  await field(page, "Text for your server").fill("é".repeat(128));
  await page.getByText("Expected at most 255 bytes, not 256.").waitFor();
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 7);
  assert.equal(await page.locator(".mistake").filter({ hasText: "Expected" }).count(), 7);
  assert.equal(await page.locator("#snippet").textContent(), usual);
  const set = await page.locator("dripline-faucet").evaluate((widget) => [widget.getAttributeNames(), [...widget.style].filter((name) => name.startsWith("--"))]);
  assert.deepEqual([set[0].includes("lang"), set[0].includes("cdata"), set[1]], [false, false, []]);
  await assertAccessible(page, "the playground with mistakes");
  await picture(page, "embed/playground-dark");
  const mistake = page.locator("#accent-mistake");
  for (const wrong of ["inherit", "rgb(122, 31, 162, 0.5)", "rgb(from transparent r g b)", "light-dark(red, blue)", "var(--brand)", "red 50%"]) {
    await field(page, "Accent").fill(wrong);
    assert.match(await mistake.textContent(), /^Expected a colour/, wrong);
  }
  for (const right of ["rebeccapurple", "rgb(122, 31, 162)", "oklch(45% 0.2 310)", "color(srgb 0.5 0.1 0.6)"]) {
    await field(page, "Accent").fill(right);
    assert.equal(await mistake.textContent(), "", right);
    await page.locator("#snippet").filter({ hasText: `--dripline-accent: ${right}` }).waitFor();
  }
  await field(page, "Accent").fill("#7a1fa2");
  await field(page, "Words on the accent").fill("#fff");
  const frame = await widgetDocument(page);
  await frame.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue("--button") === "#7a1fa2");
  assert.equal(await field(page, "Pick: accent").inputValue(), "#7a1fa2");
  await field(page, "Pick: borders").fill("#112233");
  assert.equal(await field(page, "Borders").inputValue(), "#112233");
  await frame.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue("--line") === "#112233");
  await assertNarrow(page, "the playground with all that can be chosen");
  assertQuiet(noticed);
  await context.close();
});

test("on a phone, where the widget is below all that can be chosen, it is loaded once somebody comes near, as it was chosen", async () => {
  const { context, page, noticed, tells, told } = await visitHost(browser, playground(), PHONE);
  await page.locator("#snippet").filter({ hasText: 'site="shop"' }).waitFor();
  await page.getByRole("option", { name: /pipes/i }).first().waitFor({ state: "attached" });
  await field(page, "Level").selectOption("pipes-1");
  assert.equal(await page.locator("dripline-faucet").count(), 0);
  await picture(page, "embed/playground-phone");
  await page.getByRole("heading", { name: "As visitors see it" }).scrollIntoViewIfNeeded();
  assert.equal((await tells("ready")).level, "pipes-1");
  await widgetFrame(page).getByRole("button", { name: "Start", exact: true }).waitFor();
  assert.equal((await told("ready")).length, 1);
  await picture(page, "embed/playground-phone-live");
  await assertNarrow(page, "the playground on a phone");
  assertQuiet(noticed);
  await context.close();
});
