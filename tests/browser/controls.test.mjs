// What a player does beside playing: pause, give up, sound; with the keyboard alone, and with less motion.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { tabTo, unreachableControls } from "./support/keyboard.mjs";
import { bestKey, playMerge, read, slide } from "./support/merge.mjs";
import { countdownOver, playPipes, readPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";

provide();

test("a round is paused by key, by button, and by turning to another tab, and given up at will", async () => {
  const { context, page, noticed } = await visit(browser);
  const session = await context.newCDPSession(page);
  const paused = page.getByRole("heading", { name: "Paused" });
  const other = await context.newPage();
  await page.bringToFront();
  await startRound(page, server, "catch-1");
  for (const pause of [
    () => page.keyboard.press("Escape"),
    () => page.keyboard.press("KeyP"),
    () => page.getByRole("button", { name: "Pause" }).click(),
    async () => {
      // The tests' own pretence that every tab has the focus.
      await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
      await other.bringToFront();
      await paused.waitFor();
      await session.send("Emulation.setFocusEmulationEnabled", { enabled: true });
      await page.bringToFront();
    },
  ]) {
    await pause();
    await paused.waitFor();
    await page.getByText(/Pauses and outages may last 0:1\d more/).waitFor();
    assert.equal(await focusedText(page), "Go on", "whoever paused can go on with the same hand");
    const time = await page.locator(".hud-value").last().textContent();
    await frames(page, 40);
    assert.equal(await page.locator(".hud-value").last().textContent(), time, "time stands still");
    await page.keyboard.press("Enter");
    await paused.waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "board", "the keys play again");
  }
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Give up" }).click();
  assert.equal(await resultOf(page), "Not this time");
  await page.getByText("It cost nothing but the try.").waitFor();
  await page.goto(`${server.origin}/`);
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  assert.equal(await page.getByText("is in progress").count(), 0, "nothing is left of it");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("sound is off until it is turned on, and stays as it was turned", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.addInitScript(watchSound);
  const sound = page.getByRole("button", { name: "Sound" });
  await startRound(page, server, "merge-1");
  assert.equal(await sound.getAttribute("aria-pressed"), "false");
  await sounds(page, []);
  await page.keyboard.press("KeyM");
  await pressed(page, "true");
  await sounds(page, ["running"]);
  await page.keyboard.press("ArrowUp");
  await page.reload();
  await page.getByRole("heading", { name: "Welcome back" }).waitFor();
  assert.equal(await sound.getAttribute("aria-pressed"), "true", "remembered");
  await sounds(page, []);
  await page.getByRole("button", { name: "Go on" }).click();
  await sounds(page, ["running"]);
  await page.getByRole("link", { name: "Levels" }).first().click();
  await sounds(page, ["suspended"]);
  await page.locator('a[href="/play/catch-1"]').first().click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("application").waitFor();
  await sounds(page, ["running"]);
  await sound.click();
  await pressed(page, "false");
  await sounds(page, ["suspended"]);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("the keyboard alone comes to everything, and shows where it is", async () => {
  const { context, page, noticed } = await visit(browser);
  for (const [path, sign] of [
    ["/", "Play a level, earn a drip"],
    ["/wallet", "Your key"],
    ["/play/pipes-1", "Garden Tap"],
    ["/play/no-such-level", "There is no such level"],
  ]) {
    await page.goto(`${server.origin}${path}`);
    await page.getByRole("heading", { name: sign }).waitFor();
    if (path === "/wallet") {
      await tabTo(page, ".restore summary");
      await page.keyboard.press("Enter");
      await page.locator("#restore-text").waitFor();
    }
    assert.deepEqual(await unreachableControls(page), [], path);
  }
  await startRound(page, server, "merge-1");
  assert.deepEqual(await unreachableControls(page), [], "in play");
  await tabTo(page, "button[aria-label='Pause']");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Paused" }).waitFor();
  assert.deepEqual(await unreachableControls(page), [], "paused");
  await tabTo(page, ".overlay .button.is-quiet");
  await page.keyboard.press("Enter");
  assert.equal(await resultOf(page), "Not this time");
  assert.deepEqual(await unreachableControls(page), [], "after a round");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("Pipes is played with the arrows: a cursor goes from tile to tile, and a key turns them", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, "pipes-1");
  await countdownOver(page);
  const { cells } = await readPipes(page);
  const spring = cells.find((cell) => cell.isSpring);
  // Wherever the cursor starts, all the way up and left is the first cell.
  await pressOften(page, "ArrowUp", 4);
  await pressOften(page, "ArrowLeft", 4);
  const tile = cells.find((cell) => !cell.isSpring && !cell.isBasin && [3, 5, 6, 7, 9, 10, 11, 12, 13, 14].includes(cell.open));
  await pressOften(page, "ArrowDown", tile.row);
  await pressOften(page, "ArrowRight", tile.column);
  await page.keyboard.press("Space");
  // Away from it, so that the cursor does not lie over what is looked at.
  await pressOften(page, "ArrowUp", 4);
  await pressOften(page, spring.column > tile.column ? "ArrowRight" : "ArrowLeft", 4);
  const after = (await readPipes(page)).cells.find(({ row, column }) => row === tile.row && column === tile.column);
  assert.equal(after.open, ((tile.open << 1) | (tile.open >> 3)) & 15, "a quarter turn clockwise");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a slide that is refused is said each time, and costs no turn", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, "merge-1");
  const description = page.locator("#board-description");
  let before;
  let blocked;
  await playMerge(page, ({ cells, turnsLeft }) => {
    blocked = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"].find((key) => !slide(cells, key));
    before = turnsLeft;
    return blocked !== undefined;
  });
  const said = page.locator(".visually-hidden[aria-live]").last();
  const words = new Set();
  for (let time = 0; time < 2; time += 1) {
    await page.keyboard.press(blocked);
    await frames(page, 3);
    words.add(await said.textContent());
  }
  assert.equal(words.size, 2, "the same words again would not be said");
  assert.ok([...words].every((text) => text.trim() === "Nothing changes that way, and no turn is used."), [...words].join());
  const { cells, turnsLeft } = read(await description.textContent());
  assert.equal(turnsLeft, before);
  await page.keyboard.press(bestKey(cells));
  await frames(page, 15);
  assert.equal(read(await description.textContent()).turnsLeft, before - 1, "it goes on");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("who wants less motion gets less", async () => {
  const { context, page, noticed } = await visit(browser, { reducedMotion: "reduce" });
  await startRound(page, server, "merge-1");
  await playMerge(page, ({ turnsLeft }) => turnsLeft <= 84);
  // The last slide may still be on its way to the screen.
  await frames(page, 30);
  assert.equal(await isStill(page), true, "the board stands still until something is played");
  await startRound(page, server, "pipes-1");
  await playPipes(page, mouse(page));
  assert.equal(await resultOf(page, 30_000), "Cleared!");
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime > 1).map((one) => one.animationName),
  );
  assert.deepEqual(moving, [], "the drip is just there");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await assertAccessible(page, `a paid result, ${colorScheme}`);
  }
  const total = await page.locator("dl.sum .is-total dd").textContent();
  assert.equal(await page.locator(".count-up-now").textContent(), total, "and so is its amount");
  assertCalm(noticed, server.origin);
  await context.close();
});

/** Runs in the page before it: notes every source of sound that it makes. */
function watchSound() {
  window.soundSources = [];
  window.AudioContext = class extends AudioContext {
    constructor() {
      super();
      window.soundSources.push(this);
    }
  };
}

/** Waits until the page's sources of sound are in these states. */
async function sounds(page, states) {
  await page.waitForFunction(
    (states) => JSON.stringify(window.soundSources.map(({ state }) => state)) === JSON.stringify(states),
    states,
    { timeout: 5_000 },
  );
}

/** Whether the canvas shows the same for half a second. */
async function isStill(page) {
  const look = () => page.evaluate(() => document.querySelector("#board").toDataURL());
  const before = await look();
  await frames(page, 30);
  return before === (await look());
}

/** Lets so many frames of the page pass. */
async function frames(page, count) {
  await page.evaluate(async (count) => {
    for (let frame = 0; frame < count; frame += 1) {
      await new Promise(requestAnimationFrame);
    }
  }, count);
}

async function pressOften(page, key, times) {
  for (let press = 0; press < times; press += 1) {
    await page.keyboard.press(key);
  }
}

async function pressed(page, value) {
  await page.locator(`button[aria-label="Sound"][aria-pressed="${value}"]`).waitFor();
}

async function focusedText(page) {
  return page.evaluate(() => document.activeElement.textContent.trim());
}
