// A hand on the screen: a finger that really touches, or a mouse. Both are at places of the board, in its own units.

/** A finger. It needs a context with a touch screen. */
export async function finger(page) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  return {
    down: (x, y) => touch("touchStart", [{ x, y }]),
    move: (x, y) => touch("touchMove", [{ x, y }]),
    up: () => touch("touchEnd", []),
    async tap(x, y) {
      await touch("touchStart", [{ x, y }]);
      await touch("touchEnd", []);
    },
    rest: async () => {},
  };
}

/** A mouse, with the same gestures. It rests in the corner, where it lies over nothing. */
export function mouse(page) {
  return {
    async down(x, y) {
      await page.mouse.move(x, y);
      await page.mouse.down();
    },
    move: (x, y) => page.mouse.move(x, y),
    up: () => page.mouse.up(),
    tap: (x, y) => page.mouse.click(x, y),
    rest: () => page.mouse.move(1, 1),
  };
}

/** Where places of a board `width` units wide are on the screen. */
export async function boardOnScreen(page, width) {
  const box = await page.locator("#board").boundingBox();
  const unit = box.width / width;
  return (x, y) => [box.x + x * unit, box.y + y * unit];
}
