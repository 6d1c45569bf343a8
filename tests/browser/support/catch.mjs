// Plays Catch as somebody who looks at the canvas: follows the lowest drop with a finger. Knows water by its colour, so
// it is good for the first level, where nothing else falls.

import { boardOnScreen } from "./hand.mjs";

/** The board in its own units. */
const WIDTH = 72;
const HEIGHT = 100;
/** Between these heights a drop is to be seen: below the pipe and its figures, above the bucket. */
const SKY = { top: 17, rim: 83 };
/** The finger stays below what it follows. */
const FINGER_Y = 90;

/** Plays until the round is over, or until `stop` says so of what is seen: the score, the goal, where the lowest drop is. */
export async function playCatch(page, hand, stop = () => false) {
  if ((await page.evaluate(look, { WIDTH, HEIGHT, SKY })).isOver) {
    return;
  }
  const place = await boardOnScreen(page, WIDTH);
  let held = WIDTH / 2;
  await hand.down(...place(held, FINGER_Y));
  for (;;) {
    const seen = await page.evaluate(look, { WIDTH, HEIGHT, SKY });
    if (seen.isOver || stop(seen)) {
      break;
    }
    if (seen.x !== undefined && Math.abs(seen.x - held) > 0.5) {
      held = seen.x;
      await hand.move(...place(held, FINGER_Y));
    }
  }
  await hand.up();
}

/** Looks at the next frame. Runs in the page, and only looks: at two pixels for each unit of the board. */
async function look({ WIDTH, HEIGHT, SKY }) {
  await new Promise(requestAnimationFrame);
  const board = document.querySelector("#board");
  if (!board || document.querySelector("article.result, .overlay, .finale")) {
    return { isOver: true };
  }
  const score = Number(document.querySelector(".hud-value").textContent);
  const isGoalMet = /^Goal reached/.test(document.querySelector(".round-state").textContent);
  const sight = new OffscreenCanvas(WIDTH * 2, HEIGHT * 2).getContext("2d", { willReadFrequently: true });
  sight.drawImage(board, 0, 0, WIDTH * 2, HEIGHT * 2);
  const { data } = sight.getImageData(0, 0, WIDTH * 2, HEIGHT * 2);
  const water = getComputedStyle(document.documentElement).getPropertyValue("--water").trim();
  const [red, green, blue] = [1, 3, 5].map((start) => Number.parseInt(water.slice(start, start + 2), 16));
  const isWater = (x, y) => {
    const at = (y * WIDTH * 2 + x) * 4;
    return Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue) < 60;
  };
  // The inside of a drop, not a splash, a letter or an edge.
  const isInside = (x, y) => [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]].every(([dx, dy]) => isWater(x + dx, y + dy));
  for (let y = SKY.rim * 2; y > SKY.top * 2; y -= 1) {
    for (let x = 1; x < WIDTH * 2 - 1; x += 1) {
      if (isInside(x, y)) {
        let end = x;
        while (isInside(end + 1, y)) {
          end += 1;
        }
        return { isOver: false, score, isGoalMet, x: (x + end + 1) / 4, y: y / 2 };
      }
    }
  }
  return { isOver: false, score, isGoalMet };
}
