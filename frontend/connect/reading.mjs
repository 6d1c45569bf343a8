// What only somebody answers who reads the dialog: which of the numbers on its buttons it asks for. A page that has laid itself over the
// frame, and has presses fall where it wants them, sees neither the question nor where the numbers are.

/** So many numbers there are to choose from, each of one digit. */
export const NUMBERS = 6;
/** So many of them are asked for, one after another: who presses without reading is right once in thirty times. */
const ASKED = 2;
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
/** How long there is to wait after a wrong number and its like, at least and at most, in milliseconds. */
const WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;
/** The name under which wrong numbers are remembered. */
const MISTAKES = "dripline/mistakes/1";

const randomByte = () => crypto.getRandomValues(new Uint8Array(1))[0];

/** A number of 0 to `count` − 1, each as likely as any other. */
function below(count, byte) {
  const even = 256 - (256 % count);
  for (;;) {
    const drawn = byte();
    if (drawn < even) {
      return drawn % count;
    }
  }
}

/** So many of these, in an order by chance. */
function drawn(count, from, byte) {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(below(left.length, byte), 1)[0]);
}

/** The numbers that are asked for, and all that are on buttons, each in their order. `byte` gives random bytes. */
export function question(byte = randomByte) {
  const numbers = drawn(NUMBERS, DIGITS, byte);
  return { wanted: drawn(ASKED, numbers, byte), numbers };
}

/** How long to wait before an answer counts after so many wrong ones in a row, in milliseconds: whoever tries them all takes long. */
export const waitAfter = (mistakes) => Math.min(WAIT_MS * 4 ** mistakes, WAIT_MAX_MS);

/**
 * How many wrong numbers were pressed in a row, and when the last one was. The browser keeps it, for the page around can load this one anew,
 * and show it more than once. Where the browser keeps nothing it is forgotten with the page; but so is the guest's key, with whatever
 * could be taken from it, and no wallet is connected there.
 */
let known = { count: 0, at: 0 };

function mistakes() {
  try {
    const { count, at } = JSON.parse(localStorage.getItem(MISTAKES));
    return Number.isFinite(count) && Number.isFinite(at) ? { count, at } : known;
  } catch {
    return known;
  }
}

function keep(now) {
  known = now;
  try {
    localStorage.setItem(MISTAKES, JSON.stringify(now));
  } catch {
    // Then this page knows it alone.
  }
}

/** A wrong number was pressed. */
export const mistaken = (now = Date.now()) => keep({ count: mistakes().count + 1, at: now });

/** The right ones were. */
export const understood = () => keep({ count: 0, at: 0 });

/** How long there is still to wait for the last wrong number, in milliseconds. A clock that was put back makes that no longer. */
export function waitLeft(now = Date.now()) {
  const { count, at } = mistakes();
  const wait = waitAfter(count);
  return now < at ? wait : Math.max(wait - (now - at), 0);
}
