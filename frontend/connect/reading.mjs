// What only somebody answers who reads the dialog: which of the numbers on its buttons it asks for. A page that has laid itself over the
// frame, and has presses fall where it wants them, sees neither the question nor where the numbers are.

/** So many numbers there are to choose from, each of one digit. */
export const NUMBERS = 6;
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
/** How long the numbers have to be there before a press of one counts, and how long at most after wrong ones, in milliseconds. */
const WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;

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

/** The number that is asked for, and all that are on buttons, in their order. `byte` gives random bytes. */
export function question(byte = randomByte) {
  const left = [...DIGITS];
  const numbers = Array.from({ length: NUMBERS }, () => left.splice(below(left.length, byte), 1)[0]);
  return { wanted: numbers[below(NUMBERS, byte)], numbers };
}

/** How long to wait before an answer counts after so many wrong ones in a row, in milliseconds: whoever tries them all takes long. */
export const waitAfter = (mistakes) => Math.min(WAIT_MS * 4 ** mistakes, WAIT_MAX_MS);
