// Play money is called so: on every screen of a faucet that pays by nothing but a sandbox, and on none of another one.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { picture } from "./support/pictures.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";

/** What is said beside the balance. */
const NAME = "Sandbox: play money";
/** The narrowest screen that pages are made for. */
const NARROW = { ...PHONE, viewport: { width: 320, height: 568 } };

provide();

for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of [["desk", DESK], ["phone", PHONE], ["narrow", NARROW]]) {
    test(`a faucet that pays by a sandbox says so wherever the player is, ${colorScheme}, ${screen}`, async () => {
      const { context, page, noticed } = await visit(browser, { ...options, colorScheme, reducedMotion: "reduce" });
      const heights = new Set();
      const look = async (place) => {
        await page.setViewportSize(options.viewport);
        await page.locator("header.top").getByText(NAME, { exact: true }).waitFor();
        heights.add(await page.locator("header.top").evaluate((header) => header.getBoundingClientRect().height));
        await assertAccessible(page, `${place}, ${colorScheme}, ${screen}`);
        await picture(page, `sandbox-${colorScheme}-${screen}/${place}`);
        // On other screens, too: this one comes back for the next place.
        await assertNarrow(page, `${place}, ${screen}`);
      };
      await page.goto(`${server.origin}/`);
      await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
      await look("map");
      await page.goto(`${server.origin}/wallet`);
      await page.getByText("the drips of this faucet are play money").waitFor();
      await page.getByRole("progressbar").waitFor();
      await look("wallet");
      await page.goto(`${server.origin}/play/pipes-1`);
      await page.getByRole("button", { name: "Start", exact: true }).waitFor();
      await look("ready");
      await page.setViewportSize(options.viewport);
      await startRound(page, server, "pipes-1");
      const [name, board] = await Promise.all(
        [page.getByText(NAME, { exact: true }), page.locator("canvas")].map((place) => place.boundingBox()),
      );
      assert.ok(name.y >= board.y + board.height || name.y + name.height <= board.y, "it lies on no board");
      await picture(page, `sandbox-${colorScheme}-${screen}/round`);
      await page.keyboard.press("KeyP");
      await page.getByRole("button", { name: "Give up" }).click();
      await resultOf(page);
      await look("result");
      assert.equal(heights.size, 1, "the header is as high everywhere");
      assertCalm(noticed, server.origin);
      await context.close();
    });
  }
}

test("the name moves nothing when it comes", async () => {
  const { context, page } = await visit(browser, PHONE);
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await page.route("**/api/v1/catalog", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${server.origin}/`);
  const top = () => page.locator("main").evaluate((main) => main.getBoundingClientRect().top);
  await page.locator("header.top").waitFor();
  const before = await top();
  assert.equal(await page.getByText(NAME, { exact: true }).count(), 0, "it is not known yet");
  answer();
  await page.getByText(NAME, { exact: true }).waitFor();
  assert.equal(await top(), before);
  await context.close();
});

test("a faucet that pays by something else as well has no play money", async () => {
  const { context, page } = await visit(browser);
  await page.route("**/api/v1/catalog", async (route) => {
    const answer = await (await route.fetch()).json();
    assert.equal(answer.is_play_money, true);
    await route.fulfill({ json: { ...answer, is_play_money: false } });
  });
  for (const path of ["/", "/wallet"]) {
    await page.goto(`${server.origin}${path}`);
    await page.getByRole("link", { name: /Balance 0/ }).waitFor();
    assert.equal(await page.getByText("play money").count(), 0, path);
  }
  await context.close();
});
