// The tree of the log, that of RFC 9162 section 2.1 with SHA-256, and its proofs, step by step as the sections 2.1.3.2 and
// 2.1.4.2 have them. Hashes are hexadecimal. `shared/src/log/proof.rs` does the same; both are held to one golden file.

import { fromHex, toBytes, toHex } from "../modules/encoding.mjs";
import { sha256 } from "./bytes.mjs";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The hash of a leaf with these bytes. */
export const leafHash = async (bytes) => toHex(await sha256(LEAF, bytes));

/** The hash of a leaf with this text. */
export const leafHashOf = (text) => leafHash(toBytes(text));

/** The hash of a node over two others. */
export const nodeHash = async (left, right) => toHex(await sha256(NODE, fromHex(left), fromHex(right)));

/** The root of a tree without leaves. */
export const emptyRoot = async () => toHex(await sha256());

/** Whether the leaf with this hash is number `index` of the tree of `size` leaves with this root. */
export async function isIncluded(leaf, index, size, root, hashes) {
  if (index >= size) {
    return false;
  }
  const walk = new Walk(index, size - 1);
  let reached = leaf;
  for (const sibling of hashes) {
    if (walk.isOver()) {
      return false;
    }
    reached = walk.step() ? await nodeHash(sibling, reached) : await nodeHash(reached, sibling);
  }
  return walk.isOver() && reached === root;
}

/** Whether the leaves of the first tree are the first ones of the second. Both are `{ size, root }`. */
export async function isConsistent(first, second, hashes) {
  if (first.size > second.size || (first.size === 0 && first.root !== (await emptyRoot()))) {
    return false;
  }
  if (first.size === second.size || first.size === 0) {
    return hashes.length === 0 && (first.size === 0 || first.root === second.root);
  }
  const walk = new Walk(first.size - 1, second.size - 1);
  while (walk.place % 2n === 1n) {
    walk.up();
  }
  // A tree whose size is a power of two is a node of every later one: its root is where the walk starts.
  const rest = [...hashes];
  let reachedFirst = walk.place === 0n ? first.root : rest.shift();
  let reachedSecond = reachedFirst;
  if (!reachedFirst) {
    return false;
  }
  for (const sibling of rest) {
    if (walk.isOver()) {
      return false;
    }
    if (walk.step()) {
      reachedFirst = await nodeHash(sibling, reachedFirst);
      reachedSecond = await nodeHash(sibling, reachedSecond);
    } else {
      reachedSecond = await nodeHash(reachedSecond, sibling);
    }
  }
  return walk.isOver() && reachedFirst === first.root && reachedSecond === second.root;
}

/** A walk from a node up to the root: the numbers, on the level that it has reached, of the node and of the last one. */
class Walk {
  /** Sizes go up to 2^53: more than bitwise operators of numbers can take. */
  constructor(place, last) {
    this.place = BigInt(place);
    this.last = BigInt(last);
  }

  up() {
    this.place /= 2n;
    this.last /= 2n;
  }

  /** Goes up to the node over this one and its sibling. Tells whether the sibling is on the left. */
  step() {
    const isLeft = this.place % 2n === 1n || this.place === this.last;
    if (isLeft) {
      // The last node of a level that is a left one has no sibling there: it counts as a node of the levels above, up to the
      // one on which it is a right one.
      while (this.place % 2n === 0n && this.place !== 0n) {
        this.up();
      }
    }
    this.up();
    return isLeft;
  }

  isOver() {
    return this.last === 0n;
  }
}
