// PNG as screenshots have it, and PNG with a palette: a quarter of the bytes.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const COLOURS = 256;

/** The pixels of a screenshot: eight bits a channel, three or four channels, not interlaced. */
export function decode(file) {
  const chunks = [...chunksOf(file)];
  const header = chunks.find(({ type }) => type === "IHDR").body;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = { 2: 3, 6: 4 }[header[9]];
  if (header[8] !== 8 || !channels || header[12] !== 0) {
    throw new Error("not a PNG as screenshots have it");
  }
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ body }) => body)));
  return { width, height, channels, pixels: unfiltered(data, width * channels, height, channels) };
}

function* chunksOf(file) {
  for (let at = SIGNATURE.length; at < file.length; ) {
    const length = file.readUInt32BE(at);
    yield { type: file.toString("latin1", at + 4, at + 8), body: file.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function unfiltered(data, stride, height, channels) {
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const place = row * stride + at;
      const left = at >= channels ? pixels[place - channels] : 0;
      const above = row > 0 ? pixels[place - stride] : 0;
      const corner = at >= channels && row > 0 ? pixels[place - stride - channels] : 0;
      const guess = [0, left, above, (left + above) >> 1, nearest(left, above, corner)][filter];
      pixels[place] = data[row * (stride + 1) + 1 + at] + guess;
    }
  }
  return pixels;
}

/** Paeth's predictor. */
function nearest(left, above, corner) {
  const [toLeft, toAbove, toCorner] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) {
    return left;
  }
  return toAbove <= toCorner ? above : corner;
}

/** The picture with its most frequent colours; every other pixel takes the nearest of them. */
export function encode({ width, height, channels, pixels }) {
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += channels) {
    const colour = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = spread([...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour));
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < width * height; at += 1) {
    const start = at * channels;
    const colour = (pixels[start] << 16) | (pixels[start + 1] << 8) | pixels[start + 2];
    if (!places.has(colour)) {
      places.set(colour, closest(palette, colour));
    }
    rows[at + Math.floor(at / width) + 1] = places.get(colour);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const body = deflateSync(rows, { level: 9 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("PLTE", colours), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))]);
}

/** The first colours that are not almost the same as one before. */
function spread(colours) {
  const palette = [];
  for (const colour of colours) {
    if (palette.length === COLOURS) {
      break;
    }
    if (palette.every((other) => distance(colour, other) > 12)) {
      palette.push(colour);
    }
  }
  return palette;
}

function closest(palette, colour) {
  let best = 0;
  for (let place = 1; place < palette.length; place += 1) {
    if (distance(colour, palette[place]) < distance(colour, palette[best])) {
      best = place;
    }
  }
  return best;
}

function distance(one, other) {
  const part = (shift) => ((one >> shift) & 255) - ((other >> shift) & 255);
  return part(16) ** 2 + part(8) ** 2 + part(0) ** 2;
}

function chunk(type, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 0);
  head.write(type, 4, "latin1");
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), body])), 0);
  return Buffer.concat([head, body, sum]);
}
