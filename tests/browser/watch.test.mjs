// An operator watches a round as it was played.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { accept, go, operator } from "./support/operator.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";
import { firstLoad } from "./support/weight.mjs";

/** What opening the page for the first time may transfer, in bytes: it is in a frame that not every operator opens. */
const LIMIT_BYTES = 90_000;

/** The owner, who watches. */
let owner;
/** The round that is watched, as the server tells it. */
let round;

provide({
  async prepare() {
    owner = await operator(browser);
    const [link] = await server.said(/http\S+#invitation=\S+/);
    await accept(owner.page, link, "Ada");
  },
});

/** The frame in the console. */
const frame = () => owner.page.frameLocator('iframe[title="The round as it was played"]');

/** What the canvas shows, as a text. */
const drawn = () => frame().locator("#board").evaluate((canvas) => canvas.toDataURL());

/** The bar that shows and changes how far the round is. */
const bar = () => frame().getByRole("slider", { name: "How far the round is" });

/** How many steps of the round are made. */
const at = async () => Number(await bar().inputValue());

/** Steps of the round in all: Pipes has sixty a second. */
const steps = () => round.play.reduce((sum, { length }) => sum + length, 0);

/** Opens the page by itself with what a frame would be given. */
async function given(page, name) {
  await page.goto(`${server.origin}/console/watch`);
  await page.evaluate((name) => {
    window.name = name;
  }, name);
  await page.reload();
}

test("an operator watches a round that a player won, to the score that the server found", async () => {
  const player = await visit(browser);
  await startRound(player.page, server, "pipes-1");
  await playPipes(player.page, mouse(player.page));
  assert.match(await resultOf(player.page, 30_000), /^Cleared/);
  assertCalm(player.noticed, server.origin);
  await player.context.close();

  const { page } = owner;
  await go(page, "Players");
  await page.getByRole("region", { name: "Players" }).getByRole("button").first().click();
  const told = page.waitForResponse(/\/admin\/v1\/rounds\/\w+$/);
  await page.getByRole("region", { name: "Rounds" }).getByRole("button").first().click();
  round = await (await told).json();
  await frame().getByText(round.level.name).waitFor();
  assert.equal(await bar().getAttribute("max"), `${steps()}`);
  assert.equal(await at(), 0);
  const first = await drawn();

  await frame().getByLabel("Speed").selectOption({ label: "4×" });
  await frame().getByRole("button", { name: "Play" }).click();
  await frame().getByText(/^Won with /).waitFor({ timeout: 30_000 });
  assert.equal(await frame().locator("#score").textContent(), `${round.outcome.score}`);
  const last = await drawn();
  assert.notEqual(last, first, "the board was drawn anew");

  const half = Math.floor(steps() / 2);
  await bar().fill(`${half}`);
  assert.equal(await at(), half);
  assert.equal(await frame().getByRole("status").textContent(), "", "the end is not told before it is seen");
  await frame().locator("main").scrollIntoViewIfNeeded();
  await picture(page, "watch-midway");
  await bar().fill("0");
  await frame().locator("#score", { hasText: /^0$/ }).waitFor();
});

test("the keyboard plays, steps and goes to both ends", async () => {
  await frame().locator("#board").click();
  const press = (key) => owner.page.keyboard.press(key);
  await press("ArrowRight");
  assert.equal(await at(), 60, "a second");
  await press("ArrowLeft");
  assert.equal(await at(), 0);
  await press("End");
  assert.equal(await at(), steps());
  await frame().getByText(/^Won with /).waitFor();
  await press("Home");
  assert.equal(await at(), 0);
  await press("Space");
  await frame().getByRole("button", { name: "Pause" }).waitFor();
  await press("Space");
  await frame().getByRole("button", { name: "Play" }).waitFor();
});

test("a round that cannot be watched says why, and one that was cut off is shown as far as it goes", async () => {
  const { context, page, noticed } = await visit(browser);
  const says = async (what, text) => {
    await given(page, what);
    await page.getByText(text).waitFor();
  };
  await says("", "No round was handed over");
  await says("{}", "What was handed over is no round.");
  await says(JSON.stringify({ ...round, play: [] }), "Nothing is kept of how this round was played");
  await says(JSON.stringify({ ...round, level: null }), "This build cannot read the level");
  await says(JSON.stringify({ ...round, rules_version: 99 }), "played by version 99 of its game's rules");
  await says(JSON.stringify({ ...round, play: [{ ...round.play[0], inputs: "zz" }] }), "is no play of its level");
  const [{ seed }] = round.play;
  await says(JSON.stringify({ ...round, play: [{ seed, length: 60, inputs: "" }] }), "0:00 of 0:01");
  await page.keyboard.press("End");
  await page.getByText("What was sent ends here, before the game did.").waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("no other origin may show the page in a frame, and it sends nothing", async () => {
  const answer = await fetch(`${server.origin}/console/watch`, { headers: { accept: "text/html" } });
  assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'self'$/);
  const console = await fetch(`${server.origin}/console`, { headers: { accept: "text/html" } });
  assert.match(console.headers.get("content-security-policy"), /frame-src 'self'; frame-ancestors 'none'$/);
});

test("it is accessible, light and dark, fits every screen, and its first load is small", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await given(page, JSON.stringify(round));
  await page.getByText(round.level.name).waitFor();
  await page.keyboard.press("ArrowRight");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `watching, ${colorScheme}`);
  }
  await picture(page, "watch-phone");
  await assertNarrow(page, "watching");
  assert.deepEqual(asked.filter((path) => /^\/(api|admin)\//.test(path)), [], "it asks the server for nothing");
  assertCalm(noticed, server.origin);
  await context.close();

  const fresh = await visit(browser, PHONE);
  const load = await firstLoad(fresh.context, fresh.page, `${server.origin}/console/watch`, (page) =>
    page.getByText("No round was handed over"),
  );
  const listed = load.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(load.bytes <= LIMIT_BYTES, `${load.bytes} bytes:\n${listed}`);
  await fresh.context.close();
  assertCalm(owner.noticed, server.origin);
});
