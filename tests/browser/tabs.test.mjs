// Two tabs of one browser: one plays at a time, and either says which.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { playMerge } from "./support/merge.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, startRound, visit, watch } from "./support/visitor.mjs";

provide();

test("a second tab offers to take over, and takes the round with it", async () => {
  const { context, page: first, noticed } = await visit(browser);
  await startRound(first, server, "merge-1");
  await playMerge(first, ({ turnsLeft }) => turnsLeft <= 84);
  const board = await first.locator("#board-description").textContent();

  const second = await context.newPage();
  const noticedToo = watch(second);
  await second.goto(`${server.origin}/`);
  await second.getByRole("heading", { name: "Dripline is open elsewhere" }).waitFor();
  await assertAccessible(second, "the gate");
  assert.equal(await first.getByRole("application").isVisible(), true, "the first tab plays on");

  await second.getByRole("button", { name: "Play here" }).click();
  await first.getByRole("heading", { name: "You play on elsewhere" }).waitFor();
  await assertAccessible(first, "the gate of a tab that was left");
  await second.getByRole("link", { name: "Go on with it" }).click();
  await second.getByRole("heading", { name: "Welcome back" }).waitFor();
  assert.equal(await second.locator("#board-description").textContent(), board, "the round came along");

  await first.getByRole("button", { name: "Play here" }).click();
  await second.getByRole("heading", { name: "You play on elsewhere" }).waitFor();
  await first.getByRole("heading", { name: "Welcome back" }).waitFor();
  await first.close();
  // The browser gives the lock of a tab that was closed back when it comes to that.
  await second.evaluate(() => navigator.locks.request("dripline/player", () => undefined));
  await second.reload();
  await second.getByRole("heading", { name: "Welcome back" }).waitFor();
  assertCalm(noticed, server.origin);
  assertCalm(noticedToo, server.origin);
  await context.close();
});
