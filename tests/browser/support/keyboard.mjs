// A keyboard and nothing else.

/** Presses Tab until the focus is on what `selector` names, as somebody without a mouse does. */
export async function tabTo(page, selector) {
  await page.locator(selector).first().waitFor();
  for (let press = 0; press < 80; press += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not come to ${selector}`);
}

/** What can be used on the page as it stands. */
const CONTROLS = "a[href], button:not([disabled]), summary, textarea, [tabindex='0']";

/** Presses Tab all the way round. Gives what can be used and was not come to, or shows no sign of the focus. */
export async function unreachableControls(page) {
  const wanted = await page.evaluate((selector) => {
    document.activeElement?.blur();
    return [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility()).length;
  }, CONTROLS);
  const reached = new Map();
  for (let press = 0; press < wanted * 2 + 4; press += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate((selector) => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      return {
        index: [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).indexOf(element),
        isMarked: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
      };
    }, CONTROLS);
    if (focused.index >= 0) {
      reached.set(focused.index, focused.isMarked);
    }
  }
  return page.evaluate(
    ([selector, good]) =>
      [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility())
        .filter((_element, index) => !good.includes(index))
        .map((element) => element.outerHTML.slice(0, 120)),
    [CONTROLS, [...reached].filter(([, isMarked]) => isMarked).map(([index]) => index)],
  );
}
