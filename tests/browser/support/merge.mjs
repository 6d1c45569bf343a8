// Plays Merge as somebody who cannot see the canvas: by the board's description and the arrow keys.

const DIRECTIONS = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"];
const EMPTY = 0;
const RUST = -1;
const STONE = -2;

/** Reads the description: four rows of four, then the turns that are left. */
export function read(description) {
  const lines = description.split("\n");
  const words = { empty: EMPTY, rust: RUST, stone: STONE };
  const cells = lines.slice(0, 4).flatMap((line) => line.split(", ").map((word) => words[word.trim()] ?? Number(word)));
  const turnsLeft = Number(/Turns left: (\d+)/.exec(description)?.[1]);
  if (cells.length !== 16 || cells.some(Number.isNaN) || Number.isNaN(turnsLeft)) {
    throw new Error(`not a description of a board: ${description}`);
  }
  return { cells, turnsLeft };
}

/** The cells in the order in which they slide: each line starts where its droplets come to rest. */
function lines(direction) {
  const range = [0, 1, 2, 3];
  const at = {
    ArrowLeft: (line, step) => line * 4 + step,
    ArrowRight: (line, step) => line * 4 + 3 - step,
    ArrowUp: (line, step) => step * 4 + line,
    ArrowDown: (line, step) => (3 - step) * 4 + line,
  }[direction];
  return range.map((line) => range.map((step) => at(line, step)));
}

const LINES = Object.fromEntries(DIRECTIONS.map((direction) => [direction, lines(direction)]));

/** The board after a slide, or nothing where nothing moves; and how many pairs merged. */
export function slide(cells, direction) {
  const after = [...cells];
  let merged = 0;
  let moved = false;
  for (const line of LINES[direction]) {
    let place = 0;
    let last = -1;
    line.forEach((from, step) => {
      const value = cells[from];
      if (value === STONE) {
        place = step + 1;
        last = -1;
      } else if (value !== EMPTY) {
        after[from] = EMPTY;
        if (value > 0 && last >= 0 && after[last] === value) {
          after[last] = value * 2;
          merged += 1;
          last = -1;
          moved = true;
        } else {
          const to = line[place];
          after[to] = value;
          moved ||= to !== from;
          last = value > 0 ? to : -1;
          place += 1;
        }
      }
    });
  }
  return moved ? { cells: after, merged } : undefined;
}

/** How good a board looks: room, equal neighbours, large droplets together at an edge. */
function worth(cells) {
  let sum = 0;
  for (let cell = 0; cell < 16; cell += 1) {
    const value = cells[cell];
    if (value === EMPTY) {
      sum += 12;
    } else if (value > 0) {
      const size = Math.log2(value);
      sum += size * size * 1.5;
      for (const neighbour of [cell % 4 < 3 ? cell + 1 : -1, cell < 12 ? cell + 4 : -1]) {
        const other = neighbour >= 0 ? cells[neighbour] : STONE;
        if (other > 0) {
          sum -= 4 * Math.abs(size - Math.log2(other));
        }
      }
    } else if (value === RUST) {
      sum -= 8;
    }
  }
  return sum;
}

/** The value of a board on which the player is to move: the best slide, over the droplets that may appear. */
function value(cells, depth) {
  let best = -1_000;
  for (const direction of DIRECTIONS) {
    const slid = slide(cells, direction);
    if (slid) {
      best = Math.max(best, slid.merged * 10 + afterChance(slid.cells, depth));
    }
  }
  return best;
}

function afterChance(cells, depth) {
  if (depth === 0) {
    return worth(cells);
  }
  const empty = cells.flatMap((cell, index) => (cell === EMPTY ? [index] : []));
  let sum = 0;
  for (const place of empty) {
    const next = [...cells];
    next[place] = 2;
    sum += value(next, depth - 1);
  }
  return sum / Math.max(1, empty.length);
}

/** The key to press, or nothing where nothing can slide. */
export function bestKey(cells) {
  const depth = cells.filter((cell) => cell === EMPTY).length > 6 ? 1 : 2;
  let best;
  for (const direction of DIRECTIONS) {
    const slid = slide(cells, direction);
    if (slid) {
      const score = slid.merged * 10 + afterChance(slid.cells, depth);
      if (!best || score > best.score) {
        best = { direction, score };
      }
    }
  }
  return best?.direction;
}

/** Plays until the round is over, or until `stop` says so after a turn. */
export async function playMerge(page, stop = () => false) {
  const description = page.locator("#board-description");
  let previous;
  for (;;) {
    // The turn shows once it was made; the round is over when the board is gone or nothing changes any more.
    const text = await nextDescription(page, description, previous);
    if (text === undefined) {
      return;
    }
    previous = text;
    const { cells, turnsLeft } = read(text);
    if (stop({ cells, turnsLeft })) {
      return;
    }
    const key = turnsLeft > 0 ? bestKey(cells) : undefined;
    if (!key) {
      return;
    }
    await page.keyboard.press(key);
  }
}

async function nextDescription(page, description, previous) {
  const handle = await page.waitForFunction(
    (before) => {
      const board = document.querySelector("#board-description");
      if (!board || document.querySelector("article.result, .finale")) {
        return { over: true };
      }
      return board.textContent && board.textContent !== before ? { text: board.textContent } : false;
    },
    previous,
    { polling: 20, timeout: 30_000 },
  );
  return (await handle.jsonValue()).text;
}
