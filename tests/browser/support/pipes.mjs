// Plays Pipes as somebody who looks at the canvas: sees how the tiles lie, thinks, and turns them. Good for levels
// without rust.

import { boardOnScreen } from "./hand.mjs";

/** The board in its own units: a tile is a hundred wide. */
const TILE = 100;
const MARGIN = 16;
const TOP = 78;
/** Sides as bits, clockwise from the north. */
const NORTH = 1;
const EAST = 2;
const SOUTH = 4;
const WEST = 8;
const SIDES = [NORTH, EAST, SOUTH, WEST];
const STEP = { [NORTH]: [0, -1], [EAST]: [1, 0], [SOUTH]: [0, 1], [WEST]: [-1, 0] };

const opposite = (side) => ((side << 2) | (side >> 2)) & 15;
/** A tile's openings after a quarter turn clockwise. */
const turned = (open) => ((open << 1) | (open >> 3)) & 15;

/** The middle of a cell. */
function middle({ column, row }) {
  return [MARGIN + (column + 0.5) * TILE, TOP + (row + 0.5) * TILE];
}

/** Looks at the board: for every cell the open sides, and whether it is the spring or a basin. */
export async function readPipes(page, size = { columns: 4, rows: 4 }) {
  const seen = await page.evaluate(look, { ...size, TILE, MARGIN, TOP });
  const cells = seen.map(({ open, isSpring, isBasin, ...place }) => ({
    ...place,
    // The tank stands on the spring: that way leads nowhere.
    open: isSpring ? open & ~NORTH : open,
    isSpring,
    isBasin: isBasin && SIDES.includes(open),
  }));
  return { ...size, cells };
}

/** Runs in the page, and only looks. A tile that turns is looked at once it lies. */
async function look({ columns, rows, TILE, MARGIN, TOP }) {
  const width = columns * TILE + 2 * MARGIN;
  const height = TOP + rows * TILE + MARGIN;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    const text = style.getPropertyValue(name).trim();
    return [1, 3, 5].map((start) => Number.parseInt(text.slice(start, start + 2), 16));
  };
  const [metal, ink, muted] = [colour("--metal"), colour("--ink"), colour("--muted")];
  const see = () => {
    context.drawImage(document.querySelector("#board"), 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const isLike = (x, y, wanted) => {
      const at = (Math.round(y) * width + Math.round(x)) * 4;
      return wanted.reduce((sum, part, index) => sum + Math.abs(part - data[at + index]), 0) < 110;
    };
    const cells = [];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const [x, y] = [MARGIN + (column + 0.5) * TILE, TOP + (row + 0.5) * TILE];
        // A pipe's collar shows at both sides of its bore.
        const isOpen = ([across, down]) =>
          [-17, 17].every((aside) => isLike(x + across * 45 + down * aside, y + down * 45 + across * aside, metal));
        const open = [[0, -1], [1, 0], [0, 1], [-1, 0]].reduce((sum, side, bit) => sum + (isOpen(side) ? 1 << bit : 0), 0);
        const isSpring = [-42, 42].every((aside) => isLike(x + aside, y, ink));
        const isBasin = [-36, 36].every((aside) => isLike(x + aside, y + 36, muted));
        cells.push({ column, row, open, isSpring, isBasin });
      }
    }
    return cells;
  };
  let before;
  for (;;) {
    const now = see();
    if (JSON.stringify(now) === JSON.stringify(before)) {
      return now;
    }
    before = now;
    for (let frame = 0; frame < 8; frame += 1) {
      await new Promise(requestAnimationFrame);
    }
  }
}

/** How often to turn which cells, so that the water finds every basin and no open end. Nothing where there is no way. */
export function solve({ columns, rows, cells }) {
  const at = (column, row) => (column >= 0 && column < columns && row >= 0 && row < rows ? cells[row * columns + column] : undefined);
  const beside = (cell, side) => at(cell.column + STEP[side][0], cell.row + STEP[side][1]);
  const basins = cells.filter((cell) => cell.isBasin);
  const isFixed = (cell) => cell.isSpring || cell.isBasin;

  /** `lies` holds how the tiles lie that the water has reached; `ends` the openings that still lead to nothing. */
  function search(lies, ends) {
    const [end, ...others] = ends;
    if (!end) {
      return basins.every((basin) => lies.has(basin)) ? lies : undefined;
    }
    const cell = beside(...end);
    const back = opposite(end[1]);
    if (!cell || cell.open === 0) {
      return undefined;
    }
    if (lies.has(cell)) {
      return lies.get(cell) & back ? search(lies, others) : undefined;
    }
    let open = cell.open;
    for (let turns = 0; turns < (isFixed(cell) ? 1 : 4); turns += 1, open = turned(open)) {
      const meets = SIDES.every((side) => {
        const other = beside(cell, side);
        return !lies.has(other) || Boolean(open & side) === Boolean(lies.get(other) & opposite(side));
      });
      if (open & back && meets) {
        const onwards = SIDES.filter((side) => open & side && side !== back).map((side) => [cell, side]);
        const found = search(new Map(lies).set(cell, open), [...others, ...onwards]);
        if (found) {
          return found;
        }
      }
    }
    return undefined;
  }

  const spring = cells.find((cell) => cell.isSpring);
  const lies = spring && search(new Map([[spring, spring.open]]), SIDES.filter((side) => spring.open & side).map((side) => [spring, side]));
  return lies && [...lies].map(([cell, open]) => ({ cell, turns: turnsFrom(cell.open, open) })).filter(({ turns }) => turns > 0);
}

function turnsFrom(open, wanted) {
  let turns = 0;
  for (let now = open; now !== wanted; now = turned(now)) {
    turns += 1;
  }
  return turns;
}

/** Waits until the game runs: what is tapped before waits in a short queue. */
export async function countdownOver(page) {
  await page.evaluate(async () => {
    do {
      // Its first number comes with the first frame.
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    } while (document.querySelector(".countdown").textContent !== "");
  });
}

/** Turns the tiles until they lie right. `most` is how many cells are turned at most. */
export async function turnTiles(page, hand, most = Infinity) {
  await countdownOver(page);
  let board = await readPipes(page);
  const place = await boardOnScreen(page, board.columns * TILE + 2 * MARGIN);
  // A tap may get lost where the machine is slow; whoever looks again sees it.
  for (let look = 0; look < 10; look += 1) {
    const turns = solve(board);
    if (!turns) {
      throw new Error(`no way for the water: ${JSON.stringify(board.cells)}`);
    }
    for (const { cell, turns: count } of turns.slice(0, most)) {
      for (let turn = 0; turn < count; turn += 1) {
        await hand.tap(...place(...middle(cell)));
      }
    }
    await hand.rest();
    board = await readPipes(page);
    if (turns.length === 0 || most < Infinity) {
      return board;
    }
  }
  throw new Error("the tiles do not stay as they were turned");
}

/** Where the tiles are on the screen: everywhere but on the spring, where the valve is. */
export async function tilesOnScreen(page) {
  await countdownOver(page);
  const board = await readPipes(page);
  const place = await boardOnScreen(page, board.columns * TILE + 2 * MARGIN);
  return board.cells.filter((cell) => !cell.isSpring).map((cell) => place(...middle(cell)));
}

/** Opens the valve. */
export async function openValve(page, hand, board) {
  const place = await boardOnScreen(page, board.columns * TILE + 2 * MARGIN);
  await hand.tap(...place(...middle(board.cells.find((cell) => cell.isSpring))));
  await hand.rest();
}

/** Plays a round to its end. */
export async function playPipes(page, hand) {
  await openValve(page, hand, await turnTiles(page, hand));
}
