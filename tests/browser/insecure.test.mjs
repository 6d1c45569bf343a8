// A page that did not come over a secure connection says what to do, instead of failing at the first signature.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, visit } from "./support/visitor.mjs";

const NAME = "faucet.test";

provide({ flags: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] });

test("a page without a secure context says what to do", async () => {
  const { page, noticed } = await visit(browser);
  const origin = `http://${NAME}:${server.port}`;
  await page.goto(origin);
  await page.getByRole("heading", { name: "This page needs a secure connection" }).waitFor();
  await page.getByText("Open the same address with “https” in front").waitFor();
  assert.equal(await page.getByRole("link").count(), 0, "nothing pretends to work");
  await assertAccessible(page, "the gate");
  // The browser says that it heeds a header on secure pages only: that is no news here.
  noticed.errors = noticed.errors.filter((error) => !error.startsWith("The Cross-Origin-Opener-Policy header has been ignored"));
  assertCalm(noticed, origin);
});
