// Pictures of the page, small enough for a README: of few colours, as PNG. Taken where DRIPLINE_PICTURES names a folder.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { decode, encode } from "./png.mjs";

/** Takes a picture of what is to be seen of the page, if pictures are wanted. */
export async function picture(page, name) {
  const folder = env.DRIPLINE_PICTURES;
  if (folder) {
    const path = join(folder, `${name}.png`);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, encode(decode(await page.screenshot({ scale: "css", timeout: 20_000 }))));
  }
}
