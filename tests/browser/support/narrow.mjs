// Whether a page fits screens of every width.

import assert from "node:assert/strict";

const WIDTHS = [320, 390, 768, 1440];

/** Asserts that a page is on no screen wider than it. `what` names the page in the message. */
export async function assertNarrow(page, what) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) {
        return [];
      }
      const isOut = (element) => element.getBoundingClientRect().right > root.clientWidth + 0.5;
      return ["wider than the screen", ...[...document.querySelectorAll("body *")].filter(isOut).map((one) => one.outerHTML.slice(0, 80))];
    });
    assert.deepEqual(wide, [], `${what}, ${width} wide`);
  }
}
