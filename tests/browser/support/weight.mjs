// What a page's load transfers: the bytes on the wire, as the browser's network counts them.

/**
 * Loads `url` and gives the bytes of the bodies of every file of the page; the API's answers are not files. `sign` gives what is
 * seen once the page is there.
 */
export async function firstLoad(context, page, url, sign = (page) => page.getByRole("button", { name: "Start", exact: true })) {
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  const files = new Map();
  network.on("Network.responseReceived", ({ requestId, response }) => {
    const path = new URL(response.url).pathname;
    if (["/api/", "/admin/", "/.well-known/"].some((start) => path.startsWith(start))) {
      return;
    }
    const header = (name) => response.headers[name] ?? response.headers[name.toLowerCase()] ?? "";
    const headers = response.headersText?.length ?? 0;
    files.set(requestId, {
      path,
      encoding: header("Content-Encoding"),
      cacheControl: header("Cache-Control"),
      cached: response.fromDiskCache || response.fromPrefetchCache,
      headers,
      bytes: 0,
    });
  });
  network.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const file = files.get(requestId);
    if (file) {
      file.bytes += encodedDataLength;
    }
  });
  await page.goto(url);
  await sign(page).waitFor();
  await page.waitForLoadState("networkidle");
  await network.detach();
  const all = [...files.values()];
  return { bytes: all.reduce((sum, file) => sum + file.bytes, 0), files: all };
}
