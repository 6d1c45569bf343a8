// Brings the loader of a faucet into the page. It comes from the faucet and not from this package, so that the element always
// speaks as the faucet's frame does.

/** What the loader's tags are, by the origins of the faucets. */
const loading = new Map();

export async function load(faucet, { nonce, integrity, path = "/embed/v1.js" } = {}) {
  if (typeof document === "undefined") {
    throw new Error("expected a page to bring the loader of a Dripline faucet into: call `load` in the browser");
  }
  const source = new URL(path, faucet).href;
  let loaded = loading.get(source);
  if (!loaded) {
    loaded = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.async = true;
      if (nonce) {
        script.nonce = nonce;
      }
      if (integrity) {
        script.integrity = integrity;
        script.crossOrigin = "anonymous";
      }
      const fail = () => {
        // Whoever asks again gets another try.
        loading.delete(source);
        script.remove();
        reject(new Error(`expected the loader of a Dripline faucet at ${source}`));
      };
      // What has run without defining it was another script, or none.
      script.onload = () => {
        const element = customElements.get("dripline-faucet");
        element ? resolve(element) : fail();
      };
      script.onerror = fail;
      document.head.append(script);
    });
    loading.set(source, loaded);
  }
  return loaded;
}
