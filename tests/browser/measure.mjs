// Measures the page for `cargo xtask bench`, and prints one line of JSON: the bytes of its first load and of the widget's
// loader, and the script time of its frames over half a minute of play of each clocked game, with the processor slowed down four times.

import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startBrowser } from "./support/chromium.mjs";
import { quantile, scriptTimes, traced } from "./support/frames.mjs";
import { clockedGames } from "./support/games.mjs";
import { tilesOnScreen } from "./support/pipes.mjs";
import { startServer } from "./support/server.mjs";
import { PHONE, visit } from "./support/visitor.mjs";
import { firstLoad } from "./support/weight.mjs";

const SLOWDOWN = 4;
const PLAY_MS = 30_000;
/** A screen shows 1,800. With far fewer, nothing can be said about the slowest in a hundred. */
const FRAMES_MIN = 200;
/** One pixel a point: without a graphics card, the many pixels of a phone are painted by the processor that is measured. */
const SCREEN = { ...PHONE, deviceScaleFactor: 1 };
/** What plays a clocked game. */
const HANDS = { catch: { play: playCatch }, pipes: { play: playPipes, look: tilesOnScreen } };

/** Holds one arrow, then the other. */
async function playCatch(page, until) {
  for (let turn = 0; Date.now() < until; turn += 1) {
    const key = turn % 2 === 0 ? "ArrowLeft" : "ArrowRight";
    await page.keyboard.down(key);
    await sleep(450);
    await page.keyboard.up(key);
    await sleep(100);
  }
}

/** Taps one tile after the other, quickly, and never the valve: the water would end the round. */
async function playPipes(page, until, tiles) {
  for (let turn = 0; Date.now() < until; turn += 1) {
    await page.mouse.click(...tiles[turn % tiles.length]);
    await sleep(200);
  }
}

/** The script times of the frames of half a minute. */
async function framesOf(browser, origin, game) {
  if (!(game in HANDS)) {
    throw new Error(`${game} has no hand here that plays it`);
  }
  const { context, page } = await visit(browser, SCREEN);
  await page.goto(`${origin}/play/${game}-1`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("application").waitFor();
  // What has to be looked at before, so that looking is not measured.
  const seen = await HANDS[game].look?.(page);
  const events = await traced(browser, page, SLOWDOWN, () => HANDS[game].play(page, Date.now() + PLAY_MS, seen));
  const times = scriptTimes(events);
  if (times.length < FRAMES_MIN || !(await page.getByRole("application").isVisible())) {
    throw new Error(`${game} was not in play for half a minute: ${times.length} frames`);
  }
  await context.close();
  return times;
}

/** The bytes of a file as browsers get it, compressed with Brotli. */
async function compressed(url) {
  const [answer] = await once(get(url, { headers: { "accept-encoding": "br" } }), "response");
  if (answer.statusCode !== 200 || answer.headers["content-encoding"] !== "br") {
    throw new Error(`expected ${url} in Brotli`);
  }
  let bytes = 0;
  for await (const part of answer) {
    bytes += part.length;
  }
  return bytes;
}

const server = await startServer();
const browser = await startBrowser();
try {
  const { context, page } = await visit(browser);
  const load = await firstLoad(context, page, `${server.origin}/play/catch-1`);
  await context.close();
  const games = [];
  for (const game of await clockedGames(server.origin)) {
    const times = await framesOf(browser, server.origin, game);
    const [script_ms_median, script_ms_p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    games.push({ game, frames: times.length, script_ms_median, script_ms_p99 });
  }
  const loader_bytes = await compressed(`${server.origin}/embed/v1.js`);
  console.log(JSON.stringify({ first_load_bytes: load.bytes, loader_bytes, games }));
} finally {
  await browser.close();
  await server.stop();
}
