// The checksum of an EVM address (EIP-55), which statements have it with. It is by Keccak-256, which browsers do not bring along.

const LANES = 25;
/** How many bytes are taken in before they are mixed. */
const RATE = 136;
const MASK = (1n << 64n) - 1n;
const turned = (lane, by) => ((lane << by) | (lane >> (64n - by))) & MASK;

/** The constants of the rounds, by the feedback shift register of the standard (FIPS 202, section 3.2.5). */
const CONSTANTS = (() => {
  let register = 1;
  return Array.from({ length: 24 }, () => {
    let constant = 0n;
    for (let bit = 0n; bit < 7n; bit += 1n) {
      if (register & 1) {
        constant |= 1n << ((1n << bit) - 1n);
      }
      register = (register << 1) ^ (register >> 7 ? 0x171 : 0);
    }
    return constant;
  });
})();

function mixed(lanes) {
  for (const constant of CONSTANTS) {
    const columns = [0, 1, 2, 3, 4].map((x) => [0, 5, 10, 15, 20].reduce((sum, y) => sum ^ lanes[x + y], 0n));
    lanes = lanes.map((lane, at) => lane ^ columns[(at + 4) % 5] ^ turned(columns[(at + 1) % 5], 1n));
    const moved = [lanes[0]];
    for (let x = 1, y = 0, step = 0; step < 24; step += 1) {
      const to = [y, (2 * x + 3 * y) % 5];
      moved[to[0] + 5 * to[1]] = turned(lanes[x + 5 * y], BigInt((((step + 1) * (step + 2)) / 2) % 64));
      [x, y] = to;
    }
    lanes = moved.map((lane, at) => {
      const row = at - (at % 5);
      return lane ^ (~moved[row + ((at + 1) % 5)] & MASK & moved[row + ((at + 2) % 5)]);
    });
    lanes[0] ^= constant;
  }
  return lanes;
}

/** The Keccak-256 hash of a text of ASCII letters, in hexadecimal. */
export function keccak(text) {
  const bytes = Array.from(text, (letter) => letter.charCodeAt(0));
  bytes.push(1);
  while (bytes.length % RATE > 0) {
    bytes.push(0);
  }
  bytes[bytes.length - 1] |= 0x80;
  let lanes = Array(LANES).fill(0n);
  for (let start = 0; start < bytes.length; start += RATE) {
    lanes = mixed(
      lanes.map((lane, at) => (at < RATE / 8 ? bytes.slice(start + at * 8, start + at * 8 + 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) ^ lane : lane)),
    );
  }
  return [0, 1, 2, 3].flatMap((at) => [0n, 8n, 16n, 24n, 32n, 40n, 48n, 56n].map((by) => ((lanes[at] >> by) & 0xffn).toString(16).padStart(2, "0"))).join("");
}

/** An address with its checksum: a letter is a capital where the hash of the small ones has a digit of 8 or more. */
export function withChecksum(address) {
  const small = address.slice(2).toLowerCase();
  const hash = keccak(small);
  return `0x${Array.from(small, (letter, at) => (Number.parseInt(hash[at], 16) >= 8 ? letter.toUpperCase() : letter)).join("")}`;
}
